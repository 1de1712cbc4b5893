-- What every record has, whatever its module: vtiger_crmentity, its history and its look-up rows.

CREATE TABLE vtiger_crmentity (
  crmid int(19) NOT NULL,
  smcreatorid int(19) NOT NULL DEFAULT 0,
  smownerid int(19) NOT NULL DEFAULT 0,
  modifiedby int(19) NOT NULL DEFAULT 0,
  setype varchar(100),
  description mediumtext,
  createdtime datetime NOT NULL,
  modifiedtime datetime NOT NULL,
  viewedtime datetime,
  status varchar(50),
  version int(19) NOT NULL DEFAULT 0,
  presence int(1) DEFAULT 1,
  deleted int(1) NOT NULL DEFAULT 0,
  smgroupid int(19),
  source varchar(100),
  label varchar(255),
  PRIMARY KEY (crmid),
  KEY crm_ownerid_del_setype_idx (smownerid, deleted, setype),
  KEY crmentity_deleted_idx (deleted),
  KEY crmentity_modifiedby_idx (modifiedby),
  KEY crmentity_smcreatorid_idx (smcreatorid),
  KEY vtiger_crmentity_labelidx (label)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

-- One row: the last id given out, to any record of any module.
CREATE TABLE vtiger_crmentity_seq (
  id int(11) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_crmentity_user_field (
  recordid int(19) NOT NULL,
  userid int(19) NOT NULL,
  starred varchar(100),
  KEY record_user_idx (recordid, userid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_modtracker_tabs (
  tabid int(11) NOT NULL,
  visible int(11) DEFAULT 0,
  PRIMARY KEY (tabid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

-- status: 0 updated, 1 deleted, 2 created.
CREATE TABLE vtiger_modtracker_basic (
  id int(20) NOT NULL,
  crmid int(20),
  module varchar(50),
  whodid int(20),
  changedon datetime,
  status int(1) DEFAULT 0,
  PRIMARY KEY (id),
  KEY crmidx (crmid),
  KEY idx (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_modtracker_basic_seq (
  id int(11) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_modtracker_detail (
  id int(11),
  fieldname varchar(100),
  prevalue text,
  postvalue text,
  KEY idx (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_modtracker_relations (
  id int(19) NOT NULL,
  targetmodule varchar(100) NOT NULL,
  targetid int(19) NOT NULL,
  changedon datetime,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_emailslookup (
  crmid int(20),
  setype varchar(100),
  value varchar(100),
  fieldid int(20),
  UNIQUE KEY emailslookup_crmid_setype_fieldname_uk (crmid, setype, fieldid),
  KEY emailslookup_fieldid_setype_idx (fieldid, setype)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_pbxmanager_phonelookup (
  crmid int(20),
  setype varchar(30),
  fnumber varchar(100),
  rnumber varchar(100),
  fieldname varchar(50),
  UNIQUE KEY unique_key (crmid, setype, fieldname),
  KEY index_phone_number (fnumber, rnumber)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
