/* Puts the page's csrf token at the front of every XHR POST body, as the CRM's script of this name does. */
(function () {
  'use strict';
  var open = XMLHttpRequest.prototype.open;
  var send = XMLHttpRequest.prototype.send;

  XMLHttpRequest.prototype.open = function (method) {
    this.csrfIsPost = String(method).toUpperCase() === 'POST';
    return open.apply(this, arguments);
  };

  XMLHttpRequest.prototype.send = function (body) {
    if (!this.csrfIsPost || !window.csrfMagicToken) {
      return send.call(this, body);
    }
    if (body instanceof FormData) {
      body.append(csrfMagicName, csrfMagicToken);
      return send.call(this, body);
    }
    if (!body) {
      this.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded');
    }
    return send.call(this, csrfMagicName + '=' + csrfMagicToken + '&' + (body || ''));
  };
}());
