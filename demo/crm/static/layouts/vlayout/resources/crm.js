/* The few things of the CRM's scripts that a sidebar box meets: the request function, the list, the box loader. */
(function ($) {
  'use strict';

  function takeApart(url) {
    var parameters = {};
    new URLSearchParams(url.split('?')[1] || '').forEach(function (value, name) { parameters[name] = value; });
    return parameters;
  }

  /* An address with parameters is sent as a POST whose body holds them; so is a plain object. */
  window.AppConnector = {
    request: function (parameters) {
      var settings = { type: 'POST', url: 'index.php', data: parameters };
      if (typeof parameters === 'string') {
        settings.data = takeApart(parameters);
      } else if (parameters && (parameters.data || parameters.url || parameters.type)) {
        settings = $.extend({ type: 'POST', url: 'index.php' }, parameters);
        if (settings.url.indexOf('?') >= 0 && settings.type.toUpperCase() === 'POST') {
          settings.data = $.extend(takeApart(settings.url), settings.data);
          settings.url = settings.url.split('?')[0];
        }
      }
      var done = $.Deferred();
      $.ajax(settings).then(
        function (data) { done.resolve(data); },
        function (xhr, status, error) { done.reject(status, error); }
      );
      return done.promise();
    }
  };

  window.Vtiger_Helper_Js = {
    showPnotify: function (options) {
      var words = typeof options === 'string' ? options : options.text;
      var notice = $('<div class="notice">').text(words).appendTo('#notices');
      window.setTimeout(function () { notice.remove(); }, 6000);
    },
    showMessage: function (options) { this.showPnotify(options); }
  };

  window.app = {
    showModalWindow: function (html) {
      this.hideModalWindow();
      var shade = $('<div id="globalmodal"><div class="modalBody"></div></div>').appendTo(document.body);
      shade.find('.modalBody').html(html);
      shade.on('click', '[data-dismiss="modal"]', this.hideModalWindow);
    },
    hideModalWindow: function () { $('#globalmodal').remove(); }
  };

  window.Vtiger_List_Js = {
    getInstance: function () { return this; },
    /* Fetches the list again and puts it in place; the rest of the page stays. */
    getListViewRecords: function () {
      return $.get('index.php', takeApart(window.location.search || '?module=Calendar&view=List'))
        .done(function (html) {
          $('#listViewContents').replaceWith($($.parseHTML(html)).filter('#listViewContents'));
        });
    }
  };

  /* The sidebar's boxes. */
  var openBoxes = {
    key: function (box) { return 'open:' + window.location.pathname + ':' + box.attr('id'); },
    remember: function (box, isOpen) { window.localStorage.setItem(this.key(box), isOpen ? '1' : '0'); },
    isOpen: function (box) { return window.localStorage.getItem(this.key(box)) === '1'; }
  };

  function loadBox(box) {
    var label = $('[data-target="#' + box.attr('id') + '"]').data('label');
    box.html('<div class="spinner" title="' + $('body').data('loading') + '"></div>');
    $.ajax({ type: 'GET', url: 'index.php', data: box.data('url'), dataType: 'html' }).done(function (html) {
      box.html(html);
      $('.bodyContents').trigger('Vtiger.Widget.Load.' + label, box);
    });
  }

  function openBox(box) {
    box.addClass('in').prev().addClass('open');
    if (!box.data('loaded')) {
      box.data('loaded', true);
      loadBox(box);
    }
  }

  function toggleBox(header) {
    var box = $(header.data('target'));
    if (box.hasClass('in')) {
      box.removeClass('in').prev().removeClass('open');
      openBoxes.remember(box, false);
    } else {
      openBox(box);
      openBoxes.remember(box, true);
    }
  }

  /* Deleting from the list. On a Spanish page the CRM never says which part of a series is meant. */
  function deleteRecord(link) {
    if (!window.confirm($('body').data('sure'))) {
      return;
    }
    var parameters = { module: link.data('module'), action: 'DeleteAjax', record: link.data('record') };
    if (link.data('repeats') === 'yes' && $('body').data('language') === 'en_us') {
      parameters.recurringEditMode = 'current';
    }
    AppConnector.request(parameters).then(function () { Vtiger_List_Js.getListViewRecords(); });
  }

  function saveTask(row) {
    AppConnector.request({
      module: 'CronTasks',
      parent: 'Settings',
      action: 'SaveAjax',
      record: row.data('id'),
      frequency: Number(row.find('.hours').val()) * 3600 + Number(row.find('.minutes').val()) * 60,
      status: row.find('.status').val()
    }).then(function (answer) {
      if (answer.success) {
        Vtiger_List_Js.getListViewRecords();
      } else {
        Vtiger_Helper_Js.showPnotify(answer.error.message);
      }
    });
  }

  $(function () {
    $('.quickWidgetHeader').on('click', function () { toggleBox($(this)); });
    $('.quickWidgetHeader').on('keydown', function (event) {
      if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault();
        toggleBox($(this));
      }
    });
    $('.widgetContainer').each(function () {
      if (openBoxes.isOpen($(this))) {
        openBox($(this));
      }
    });
    $(document).on('click', '.deleteRecordButton', function (event) {
      event.preventDefault();
      deleteRecord($(this));
    });
    $(document).on('click', '.saveTask', function () { saveTask($(this).closest('tr')); });
  });
}(jQuery));
