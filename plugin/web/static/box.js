/* The buttons of the box. Does what the CRM's own 6.x script does with the same elements (popup, window.sync, #firsttime,
 * #norefresh, JSON 401), and besides never leaves a spinner: every way a request or the popup can end has its sentence. */
(function () {
  "use strict";
  var api = (window.GoogleSync = window.GoogleSync || {});
  var POPUP = "height=600,width=600,channelmode=1";
  var LOOK_MS = 1000;
  var CONSENT_LIMIT_MS = 15 * 60 * 1000;
  /* Pages may cut the tie to their opener, and a cut window looks closed: so after "closed" the server is still asked. */
  var AFTER_CLOSE_MS = 3 * 60 * 1000;

  function startBox(root) {
    var button = root.querySelector("#sync_button");
    var details = root.querySelector("#sync_details");
    var firstTime = root.querySelector("#firsttime");
    var removeBlock = root.querySelector("#removeSyncBlock");
    var removeButton = root.querySelector("#remove_sync");
    var mapping = root.querySelector("#mappingTable");
    var mappingButton = root.querySelector("#popid");
    var previewButton = root.querySelector("#sync_preview");
    var visit = null;

    function text(name) { return root.getAttribute("data-text-" + name) || ""; }

    function setDisabled(isDisabled) {
      button.disabled = isDisabled;
      removeButton.disabled = isDisabled;
      if (previewButton) { previewButton.disabled = isDisabled; }
    }

    function setBusy(isBusy) {
      setDisabled(isBusy);
      button.querySelector("b").textContent = text(isBusy ? "busy" : "idle");
      if (isBusy) {
        var time = root.querySelector("#synctime");
        if (time) { time.remove(); }
      }
    }

    function setConnected(isConnected) {
      firstTime.value = isConnected ? "no" : "yes";
      removeBlock.classList.toggle("hide", !isConnected);
    }

    function wait(sentence) {
      var box = document.createElement("p");
      box.className = "gsync-wait";
      box.textContent = sentence;
      details.replaceChildren(box);
    }

    function giveUp(sentence) {
      api.showProblem(details, sentence);
      setBusy(false);
    }

    function body() {
      return "__vtrftk=" + encodeURIComponent(root.getAttribute("data-token"));
    }

    /* --- synchronizing --- */

    function synchronize() {
      setBusy(true);
      wait(text("busy"));
      api.send("POST", button.getAttribute("data-url"), body(), answered, function (why) { giveUp(text(why)); });
    }

    function answered(answer) {
      if (answer.trim() === "Invalid request") { return giveUp(text("stale")); }
      var envelope = api.parse(answer);
      if (envelope && envelope.error) {
        if (String(envelope.error.code) === "401") {
          /* Opening a window needs a click of its own: browsers block it from here. */
          firstTime.value = "yes";
        }
        return giveUp(envelope.error.message);
      }
      details.innerHTML = answer;
      setConnected(true);
      if (details.querySelector(".gsync-progress")) { return api.follow(details); }
      setBusy(false);
      if (!details.querySelector("#norefresh")) { api.refreshList(); }
    }

    /* --- the popup --- */

    function connect() {
      var popup = window.open(button.getAttribute("data-url"), "", POPUP);
      if (!popup) { return giveUp(text("blocked")); }
      setBusy(true);
      wait(text("consent"));
      if (visit) { visit.stop(); }
      visit = watchConsent(popup);
      window.sync = visit.allowed;
      window.gsyncEnded = visit.ended;
    }

    function watchConsent(popup) {
      var timer = setTimeout(look, LOOK_MS);
      var began = Date.now();
      var closedAt = 0;
      var isOver = false;

      function stop() {
        isOver = true;
        clearTimeout(timer);
      }

      function allowed() {
        if (isOver) { return; }
        stop();
        setConnected(true);
        synchronize();
      }

      function ended(sentence) {
        if (isOver) { return; }
        stop();
        giveUp(sentence);
      }

      function look() {
        if (!document.body.contains(root)) { return stop(); }
        if (Date.now() - began > CONSENT_LIMIT_MS) { return ended(text("expired")); }
        var isClosed = popup.closed;
        api.ask(root.getAttribute("data-status-url"), function (envelope) {
          if (isOver) { return; }
          if (!envelope.success) { return again(); }
          if (envelope.result.status === "active") { return allowed(); }
          if (isClosed && closedAt && envelope.result.message) { return ended(envelope.result.message); }
          if (isClosed) { closed(); }
          again();
        }, function (why) {
          if (why === "login") { ended(text("login")); } else { again(); }
        });
      }

      function closed() {
        if (!closedAt) {
          closedAt = Date.now();
          return;
        }
        /* Told once; the button works again while the server is still asked. */
        if (button.disabled) { giveUp(text("closed")); }
        if (Date.now() - closedAt > AFTER_CLOSE_MS) { stop(); }
      }

      function again() {
        if (!isOver) { timer = setTimeout(look, button.disabled ? LOOK_MS : 3 * LOOK_MS); }
      }

      return { allowed: allowed, ended: ended, stop: stop };
    }

    /* --- what would be done, and deletions that wait for approval --- */

    function preview() {
      setDisabled(true);
      wait(text("looking"));
      api.send("POST", previewButton.getAttribute("data-url"), body(), answered, function (why) { giveUp(text(why)); });
    }

    if (previewButton) { previewButton.addEventListener("click", preview); }

    function show(url) {
      api.send("GET", url, null, function (answer) { details.innerHTML = answer; }, function (why) { giveUp(text(why)); });
    }

    function approve(url) {
      if (!window.confirm(text("approve"))) { return; }
      setBusy(true);
      wait(text("busy"));
      api.send("POST", url, body(), answered, function (why) { giveUp(text(why)); });
    }

    root.addEventListener("click", function (event) {
      var link = event.target.closest("[data-gsync-show], [data-gsync-approve]");
      if (!link) { return; }
      if (link.hasAttribute("data-gsync-show")) { show(link.getAttribute("data-gsync-show")); }
      else { approve(link.getAttribute("data-gsync-approve")); }
    });

    /* --- buttons --- */

    button.addEventListener("click", function () {
      if (firstTime.value === "yes") { connect(); } else { synchronize(); }
    });

    removeButton.addEventListener("click", function () {
      if (!window.confirm(text("confirm"))) { return; }
      removeButton.disabled = true;
      api.send("POST", removeButton.getAttribute("data-url"), body(), function (answer) {
        removeButton.disabled = false;
        if (answer.trim() === "Invalid request") { return api.showProblem(details, text("stale")); }
        if (answer.trim()) {
          details.innerHTML = answer;
          return;
        }
        setConnected(false);
        wait(text("removed"));
        details.firstChild.className = "gsync-note";
      }, function (why) {
        removeButton.disabled = false;
        api.showProblem(details, text(why));
      });
    });

    mappingButton.addEventListener("click", function () {
      mapping.hidden = !mapping.hidden;
      mappingButton.setAttribute("aria-expanded", String(!mapping.hidden));
    });

    root.addEventListener("gsync:ended", function () {
      if (details.querySelector("[data-consent-needed]")) { firstTime.value = "yes"; }
      setBusy(false);
      refreshRuns();
    });

    /* On the extension page the table of the last runs stands beside the box. */
    function refreshRuns() {
      var place = document.getElementById("gsync_runs");
      if (!place) { return; }
      api.send("GET", place.getAttribute("data-url"), null, function (html) {
        var news = new DOMParser().parseFromString(html, "text/html").getElementById("gsync_runs");
        if (news) { place.replaceChildren.apply(place, Array.from(news.childNodes)); }
      }, function () { /* The table stays as it was; the box has said what there is to say. */ });
    }

    if (details.querySelector(".gsync-progress")) { setBusy(true); }
  }

  document.querySelectorAll("#sync_message[data-gsync]").forEach(function (root) {
    if (!root.gsyncStarted) {
      root.gsyncStarted = true;
      startBox(root);
    }
  });
})();
