/* The script of the 6.x sidebar box, written anew from its contract: which elements it reads, which requests it
   sends, and what it makes of the answers. It has no error callbacks, on purpose: neither had the original. */
(function ($) {
  'use strict';

  function refreshList(container) {
    if ($('#norefresh', container).length === 0) {
      Vtiger_List_Js.getInstance().getListViewRecords();
    }
  }

  /* The mapping goes as a JSON object with the rows' numbers as keys; their order matters to the CRM. */
  function saveSettings(form) {
    var mapping = {};
    $('#googlesyncfieldmapping tr', form).has('.vtiger_field_name').each(function (number) {
      mapping[number] = {
        vtiger_field_name: $('.vtiger_field_name', this).val(),
        google_field_name: $('.google_field_name', this).val(),
        google_field_type: $('.google-type', this).val() || '',
        google_custom_label: $('.google-custom-label', this).val() || ''
      };
    });
    $('#user_field_mapping', form).val(JSON.stringify(mapping));
    var parameters = {};
    form.serializeArray().forEach(function (field) { parameters[field.name] = field.value; });
    AppConnector.request(parameters).then(function () { app.hideModalWindow(); });
  }

  var box = {
    button: function () { return $('#sync_button'); },

    start: function () {
      this.label = this.label || $('#sync_button b').text();
      $('#sync_button b').text('Synchronizing....');
      this.button().attr('disabled', 'disabled');
      $('#synctime').remove();
      $('#sync_details').html('<div class="spinner"></div>');
    },

    restore: function () {
      $('#sync_button b').text(this.label);
      this.button().removeAttr('disabled');
    },

    finish: function (html) {
      this.restore();
      $('#sync_details').html(html);
      refreshList($('#sync_details'));
      $('#firsttime').val('no');
      $('#removeSyncBlock').removeClass('hide').show();
    },

    request: function () {
      var url = this.button().data('url');
      return AppConnector.request(url);
    },

    firstTime: function () {
      var self = this;
      var popup = window.open(this.button().data('url'), '', 'height=600,width=600,channelmode=1');
      window.sync = function () {
        self.start();
        self.request().then(function (html) { self.finish(html); });
      };
      if (!popup) {
        this.restore();
        return;
      }
      popup.onunload = function () {
        self.restore();
        $('#sync_details').html('<p id="synctime">You have not synchronized yet</p>');
      };
    },

    direct: function () {
      var self = this;
      this.request().then(function (answer) {
        var parsed = answer;
        if (typeof answer === 'string') {
          try {
            parsed = JSON.parse(answer);
          } catch (notJson) {
            self.finish(answer);
            return;
          }
        }
        if (String(parsed.error.code) === '401') {
          $('#firsttime').val('yes');
          $('#removeSyncBlock').hide();
          self.restore();
          self.button().trigger('click');
          return;
        }
        self.finish(answer);
      });
    },

    remove: function (button) {
      AppConnector.request($(button).data('url')).then(function () {
        $('#firsttime').val('yes');
        $('#removeSyncBlock').hide();
        Vtiger_Helper_Js.showPnotify({ text: 'Synchronization removed', type: 'info' });
      });
    },

    openSettings: function (link) {
      var parameters = { module: 'Google', view: 'Setting', sourcemodule: $(link).data('sourcemodule') };
      AppConnector.request(parameters).then(function (html) {
        app.showModalWindow(html);
        $('form[name="contactsyncsettings"]').on('submit', function (event) {
          event.preventDefault();
          saveSettings($(this));
        });
      });
    }
  };

  $('#sync_button').on('click', function () {
    box.start();
    if ($('#firsttime').val() === 'yes') {
      box.firstTime();
    } else {
      box.direct();
    }
  });
  $('#remove_sync').on('click', function () { box.remove(this); });
  $('#syncSetting').on('click', function (event) {
    event.preventDefault();
    box.openSettings(this);
  });
  $('#popid, #removePop').popover();
}(jQuery));
