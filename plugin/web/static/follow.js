/* Follows a run: asks the server how far it is, shows that, and at the end puts the result in its place.
 *
 * Any element .gsync-progress[data-url] is followed, whoever put it into the page: our box.js, or the CRM's 6.x script with
 * jQuery's .html(), which runs this file each time. */
(function () {
  "use strict";
  var api = (window.GoogleSync = window.GoogleSync || {});
  var PAUSE_MS = 1000;
  var SLOWEST_MS = 15000;
  var TIMEOUT_MS = 30000;
  var MISSES_TOLD = 6;

  if (!api.follow) {
    /* Asks for JSON; `done(envelope)` or `failed(why)`, always exactly one of them. */
    api.ask = function (url, done, failed) {
      api.send("GET", url, null, function (text) {
        var envelope = api.parse(text);
        if (envelope) { done(envelope); } else { failed("lost"); }
      }, failed);
    };

    api.send = function (method, url, body, done, failed) {
      var controller = new AbortController();
      var timer = setTimeout(function () { controller.abort(); }, TIMEOUT_MS);
      var headers = { "X-Requested-With": "XMLHttpRequest" };
      if (body !== null) { headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"; }
      fetch(url, {
        method: method, body: body, headers: headers, credentials: "same-origin", redirect: "manual", cache: "no-store",
        signal: controller.signal
      }).then(function (response) {
        if (response.type === "opaqueredirect") { throw new Error("login"); }
        if (!response.ok) { throw new Error("lost"); }
        return response.text();
      }).then(function (text) {
        clearTimeout(timer);
        done(text);
      }, function (error) {
        clearTimeout(timer);
        failed(error && error.message === "login" ? "login" : "lost");
      });
    };

    api.parse = function (text) {
      try {
        var value = JSON.parse(text);
        return value && typeof value === "object" ? value : null;
      } catch (error) {
        return null;
      }
    };

    /* Shows a sentence as text, never as HTML. */
    api.showProblem = function (place, text) {
      var box = document.createElement("div");
      box.className = "gsync-problem";
      box.textContent = text;
      api.put(place, box);
    };

    /* Puts HTML or an element there; the focus stays where a pressed link was, though that is replaced. */
    api.put = function (place, content) {
      var hadFocus = place.contains(document.activeElement);
      if (typeof content === "string") { place.innerHTML = content; } else { place.replaceChildren(content); }
      if (hadFocus) { place.focus(); }
    };

    api.refreshList = function () {
      try {
        if (window.Vtiger_List_Js) { window.Vtiger_List_Js.getInstance().getListViewRecords(); }
      } catch (error) {
        /* A page without a list has nothing to refresh. */
      }
    };

    api.follow = function (root) {
      root.querySelectorAll(".gsync-progress[data-url]").forEach(function (element) {
        if (!element.gsyncFollowed) {
          element.gsyncFollowed = true;
          followOne(element);
        }
      });
    };
  }

  function followOne(element) {
    var misses = 0;
    var url = element.getAttribute("data-url");

    function again() {
      setTimeout(look, Math.min(PAUSE_MS * Math.pow(2, misses), SLOWEST_MS));
    }

    function look() {
      if (document.body.contains(element)) { api.ask(url, told, missed); }
    }

    function told(envelope) {
      if (!document.body.contains(element)) { return; }
      if (envelope.success) {
        misses = 0;
        if (envelope.result.ended) { finish(envelope.result); } else { show(envelope.result.html); again(); }
      } else if (/^(run_unknown|preview_unknown|not_connected|login)$/.test(envelope.error.code)) {
        stop(envelope.error.message);
      } else {
        missed("lost", envelope.error.message);
      }
    }

    function missed(why, message) {
      misses += 1;
      if (why === "login") {
        stop(element.getAttribute("data-text-login"));
      } else if (misses >= MISSES_TOLD) {
        stop(message || element.getAttribute("data-text-lost"));
      } else {
        again();
      }
    }

    function show(html) {
      var news = document.createElement("div");
      news.innerHTML = html;
      var inner = news.querySelector(".gsync-progress");
      if (!inner) { return; }
      var before = Array.from(element.children);
      var now = Array.from(inner.children);
      if (before.length !== now.length) { element.replaceChildren.apply(element, now); return; }
      /* Only what has changed: a screen reader says again whatever is put in again. */
      now.forEach(function (part, index) {
        if (part.outerHTML !== before[index].outerHTML) { before[index].replaceWith(part); }
      });
    }

    function finish(result) {
      var place = placeOf(element);
      place.innerHTML = result.html;
      if (!place.querySelector("#norefresh")) { api.refreshList(); }
      tell(place);
    }

    function stop(text) {
      var place = placeOf(element);
      api.showProblem(place, text);
      tell(place);
    }

    again();
  }

  function placeOf(element) {
    return element.closest("#sync_details") || element.parentNode;
  }

  function tell(place) {
    place.dispatchEvent(new CustomEvent("gsync:ended", { bubbles: true }));
  }

  api.follow(document);
})();
