-- Modules, their fields, links, picklists, numbering and the planner.

CREATE TABLE vtiger_tab (
  tabid int(19) NOT NULL DEFAULT 0,
  name varchar(25) NOT NULL,
  presence int(19) NOT NULL DEFAULT 1,
  tabsequence int(10),
  tablabel varchar(100),
  modifiedby int(19),
  modifiedtime int(19),
  customized int(19),
  ownedby int(19),
  isentitytype int(11) NOT NULL DEFAULT 1,
  trial int(1) NOT NULL DEFAULT 0,
  version varchar(10),
  parent varchar(30),
  source varchar(255) DEFAULT 'custom',
  issyncable tinyint(1) DEFAULT 0,
  allowduplicates tinyint(1) DEFAULT 1,
  sync_action_for_duplicates int(1) DEFAULT 1,
  PRIMARY KEY (tabid),
  UNIQUE KEY tab_name_idx (name),
  KEY tab_modifiedby_idx (modifiedby),
  KEY tab_tabid_idx (tabid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_field (
  tabid int(19) NOT NULL,
  fieldid int(19) NOT NULL AUTO_INCREMENT,
  columnname varchar(30) NOT NULL,
  tablename varchar(100),
  generatedtype int(19) NOT NULL DEFAULT 0,
  uitype varchar(30) NOT NULL,
  fieldname varchar(50) NOT NULL,
  fieldlabel varchar(50) NOT NULL,
  readonly int(1) NOT NULL,
  presence int(19) NOT NULL DEFAULT 1,
  defaultvalue text,
  maximumlength int(19),
  sequence int(19),
  block int(19),
  displaytype int(19),
  typeofdata varchar(100),
  quickcreate int(10) NOT NULL DEFAULT 1,
  quickcreatesequence int(19),
  info_type varchar(20),
  masseditable int(10) NOT NULL DEFAULT 1,
  helpinfo text,
  summaryfield int(10) NOT NULL DEFAULT 0,
  headerfield int(1) DEFAULT 0,
  isunique tinyint(1) DEFAULT 0,
  PRIMARY KEY (fieldid),
  KEY field_block_idx (block),
  KEY field_displaytype_idx (displaytype),
  KEY field_fieldname_idx (fieldname),
  KEY field_tabid_idx (tabid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_links (
  linkid int(11) NOT NULL,
  tabid int(11),
  linktype varchar(50),
  linklabel varchar(50),
  linkurl varchar(255),
  linkicon varchar(100),
  sequence int(11),
  handler_path varchar(128),
  handler_class varchar(50),
  handler varchar(50),
  parent_link int(19),
  PRIMARY KEY (linkid),
  KEY link_tabidtype_idx (tabid, linktype)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_ws_entity (
  id int(11) NOT NULL AUTO_INCREMENT,
  name varchar(25) NOT NULL,
  handler_path varchar(255) NOT NULL,
  handler_class varchar(64) NOT NULL,
  ismodule int(3) NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_modentity_num (
  num_id int(19) NOT NULL,
  semodule varchar(100),
  prefix varchar(50) NOT NULL DEFAULT '',
  start_id varchar(50) NOT NULL,
  cur_id varchar(50) NOT NULL,
  active varchar(2) NOT NULL,
  PRIMARY KEY (num_id),
  UNIQUE KEY num_idx (num_id),
  KEY semodule_active_idx (semodule, active)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

-- status: 0 disabled, 1 enabled, 2 running; laststart and lastend in seconds since 1970.
CREATE TABLE vtiger_cron_task (
  id int(11) NOT NULL AUTO_INCREMENT,
  name varchar(100),
  handler_file varchar(100),
  frequency int(11),
  laststart int(11) unsigned,
  lastend int(11) unsigned,
  status int(11),
  module varchar(100),
  sequence int(11),
  description text,
  PRIMARY KEY (id),
  UNIQUE KEY handler_file (handler_file),
  UNIQUE KEY name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_activitytype (
  activitytypeid int(19) NOT NULL AUTO_INCREMENT,
  activitytype varchar(200) NOT NULL,
  presence int(1) NOT NULL DEFAULT 1,
  picklist_valueid int(19) NOT NULL DEFAULT 0,
  sortorderid int(11),
  color varchar(10),
  PRIMARY KEY (activitytypeid),
  UNIQUE KEY activitytype_activitytype_idx (activitytype)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_eventstatus (
  eventstatusid int(19) NOT NULL AUTO_INCREMENT,
  eventstatus varchar(200) NOT NULL,
  presence int(1) NOT NULL DEFAULT 1,
  picklist_valueid int(19) NOT NULL DEFAULT 0,
  sortorderid int(11),
  color varchar(10),
  PRIMARY KEY (eventstatusid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_visibility (
  visibilityid int(19) NOT NULL AUTO_INCREMENT,
  visibility varchar(200) NOT NULL,
  sortorderid int(19) NOT NULL DEFAULT 0,
  presence int(1) NOT NULL DEFAULT 1,
  color varchar(10),
  PRIMARY KEY (visibilityid),
  UNIQUE KEY visibility_visibility_idx (visibility)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_salutationtype (
  salutationid int(19) NOT NULL AUTO_INCREMENT,
  salutationtype varchar(200) NOT NULL,
  presence int(1) NOT NULL DEFAULT 1,
  picklist_valueid int(19) NOT NULL DEFAULT 0,
  sortorderid int(11),
  color varchar(10),
  PRIMARY KEY (salutationid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
