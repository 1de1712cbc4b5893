/* The end of a visit to Google: tells the page that opened this window, then closes it. */
(function () {
  "use strict";
  var CLOSE_AFTER_MS = 8000;
  var body = document.body;
  var isSuccess = body.getAttribute("data-success") === "yes";
  var message = body.getAttribute("data-message");
  var button = document.getElementById("close_window");

  function close() { window.close(); }

  if (button) {
    button.addEventListener("click", close);
    document.addEventListener("keydown", function (event) {
      if (event.key === "Escape") { close(); }
    });
  }
  if (message === null) { return; }
  try {
    var opener = window.opener;
    if (opener && isSuccess && opener.sync) { opener.sync(); }
    if (opener && !isSuccess && opener.gsyncEnded) { opener.gsyncEnded(message); }
  } catch (error) {
    /* Another site's page, or one that has gone: it asks the server itself. */
  }
  if (isSuccess) { close(); } else { setTimeout(close, CLOSE_AFTER_MS); }
})();
