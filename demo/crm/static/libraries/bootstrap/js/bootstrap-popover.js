/* The 6.x box asks for this file; the stand-in shows the popover's text as a title and has no more of it. */
(function ($) {
  'use strict';
  $.fn.popover = function (options) {
    return this.each(function () {
      var words = $(this).attr('data-content') || (options && options.content);
      if (typeof words === 'string') {
        $(this).attr('title', $('<div>').html(words).text());
      }
    });
  };
}(jQuery));
