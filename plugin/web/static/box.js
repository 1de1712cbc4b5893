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
    var account = root.querySelector("#gsync_account");
    var visit = null;

    function text(name) { return root.getAttribute("data-text-" + name) || ""; }

    /* Said, not switched off: the browser takes the keyboard's focus away from a disabled button. */
    function setDisabled(isDisabled) {
      [button, removeButton, previewButton].forEach(function (one) {
        one.disabled = false;
        one.setAttribute("aria-disabled", String(isDisabled));
      });
    }

    function isOff(one) { return one.getAttribute("aria-disabled") === "true"; }

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
      previewButton.hidden = !isConnected;
      if (!isConnected && removeBlock.contains(document.activeElement)) { button.focus(); }
      removeBlock.classList.toggle("hide", !isConnected);
    }

    function put(content) { api.put(details, content); }

    function say(className, sentence) {
      var box = document.createElement("p");
      box.className = className;
      box.textContent = sentence;
      put(box);
    }

    function wait(sentence) { say("gsync-wait", sentence); }

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
      put(answer);
      setConnected(true);
      if (details.querySelector(".gsync-progress")) { return api.follow(details); }
      setBusy(false);
      if (!details.querySelector("#norefresh")) { api.refreshList(); }
    }

    /* --- the popup --- */

    function showAccount() {
      api.ask(root.getAttribute("data-status-url"), function (envelope) {
        account.textContent = (envelope.success && envelope.result.email) || "";
        account.hidden = !account.textContent;
      }, function () { /* The page shows it when it is loaded again. */ });
    }

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
        showAccount();
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
        if (isOff(button)) { giveUp(text("closed")); }
        if (Date.now() - closedAt > AFTER_CLOSE_MS) { stop(); }
      }

      function again() {
        if (!isOver) { timer = setTimeout(look, isOff(button) ? LOOK_MS : 3 * LOOK_MS); }
      }

      return { allowed: allowed, ended: ended, stop: stop };
    }

    /* --- what would be done, and deletions that wait for approval --- */

    function preview() {
      if (isOff(previewButton)) { return; }
      setDisabled(true);
      wait(text("looking"));
      api.send("POST", previewButton.getAttribute("data-url"), body(), answered, function (why) { giveUp(text(why)); });
    }

    previewButton.addEventListener("click", preview);

    function show(url) {
      api.send("GET", url, null, put, function (why) { giveUp(text(why)); });
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
      if (isOff(button)) { return; }
      if (firstTime.value === "yes") { connect(); } else { synchronize(); }
    });

    removeButton.addEventListener("click", function () {
      if (isOff(removeButton) || !window.confirm(text("confirm"))) { return; }
      setDisabled(true);
      api.send("POST", removeButton.getAttribute("data-url"), body(), function (answer) {
        setDisabled(false);
        if (answer.trim() === "Invalid request") { return api.showProblem(details, text("stale")); }
        if (answer.trim()) { return put(answer); }
        setConnected(false);
        say("gsync-note", text("removed"));
        refreshPage();
      }, function (why) {
        setDisabled(false);
        api.showProblem(details, text(why));
      });
    });

    function showMapping(isShown) {
      mapping.hidden = !isShown;
      mappingButton.setAttribute("aria-expanded", String(isShown));
    }

    mappingButton.addEventListener("click", function () { showMapping(mapping.hidden); });
    root.addEventListener("keydown", function (event) {
      if (event.key !== "Escape" || mapping.hidden) { return; }
      showMapping(false);
      mappingButton.focus();
    });

    root.addEventListener("gsync:ended", function () {
      if (details.querySelector("[data-consent-needed]")) { firstTime.value = "yes"; }
      setBusy(false);
      refreshPage();
    });

    /* On the extension page the settings and the last runs stand beside the box. Settings that are there may be half typed. */
    function refreshPage() {
      var runs = document.getElementById("gsync_runs");
      if (!runs) { return; }
      api.send("GET", runs.getAttribute("data-url"), null, function (html) {
        var news = new DOMParser().parseFromString(html, "text/html");
        replace(runs, news.getElementById("gsync_runs"));
        var settings = document.getElementById("gsync_settings");
        var settingsNow = news.getElementById("gsync_settings");
        if (settings && settingsNow && !settings.children.length !== !settingsNow.children.length) { replace(settings, settingsNow); }
      }, function () { /* They stay as they were; the box has said what there is to say. */ });
    }

    function replace(place, news) {
      if (news) { place.replaceChildren.apply(place, Array.from(news.childNodes)); }
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
