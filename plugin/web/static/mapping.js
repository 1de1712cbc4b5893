/* The field mapping's table: rows are added, and a label is asked for only where it says something. Without this file the form
 * works as well, one new row at a time. */
(function () {
  "use strict";
  var table = document.getElementById("googlesyncfieldmapping");
  var add = document.getElementById("add_mapping");
  if (!table || !add || table.gsyncStarted) { return; }
  table.gsyncStarted = true;
  var body = table.tBodies[0];

  function showLabel(row) {
    var place = row.querySelector(".google_field_name").value;
    row.querySelector(".google-custom-label").hidden = !/:$/.test(place);
  }

  function addRow() {
    var row = body.rows[body.rows.length - 1].cloneNode(true);
    row.querySelectorAll("select, input").forEach(function (field) {
      field.name = field.name.replace(/\d+$/, String(body.rows.length));
      field.value = "";
    });
    body.appendChild(row);
    showLabel(row);
    row.querySelector("select").focus();
  }

  Array.from(body.rows).forEach(showLabel);
  body.addEventListener("change", function (event) {
    var row = event.target.closest("tr");
    if (row) { showLabel(row); }
  });
  add.hidden = false;
  add.addEventListener("click", addRow);
})();
