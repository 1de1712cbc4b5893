-- What the CRM's own Google module and its synchronisation layer (WSAPP) keep. None of the Google tables has a key.

CREATE TABLE vtiger_google_event_calendar_mapping (
  event_id varchar(255),
  calendar_id varchar(255),
  user_id int(11) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_google_oauth2 (
  service varchar(20),
  access_token varchar(500),
  refresh_token varchar(500),
  userid int(19)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_google_sync_fieldmapping (
  vtiger_field varchar(255),
  google_field varchar(255),
  google_field_type varchar(255),
  google_custom_label varchar(255),
  user int(11)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_google_sync_settings (
  user int(11),
  module varchar(50),
  clientgroup varchar(255),
  direction varchar(50),
  enabled tinyint(3) DEFAULT 1
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_wsapp (
  appid int(11) NOT NULL AUTO_INCREMENT,
  name varchar(200) NOT NULL,
  appkey varchar(255),
  type varchar(100),
  PRIMARY KEY (appid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_wsapp_logs_basic (
  id int(25) NOT NULL AUTO_INCREMENT,
  extensiontabid int(19),
  module varchar(50) NOT NULL,
  sync_datetime datetime NOT NULL,
  app_create_count int(11),
  app_update_count int(11),
  app_delete_count int(11),
  app_skip_count int(11),
  vt_create_count int(11),
  vt_update_count int(11),
  vt_delete_count int(11),
  vt_skip_count int(11),
  userid int(11),
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_wsapp_logs_details (
  id int(25) NOT NULL,
  app_create_ids mediumtext,
  app_update_ids mediumtext,
  app_delete_ids mediumtext,
  app_skip_info mediumtext,
  vt_create_ids mediumtext,
  vt_update_ids mediumtext,
  vt_delete_ids mediumtext,
  vt_skip_info mediumtext,
  KEY vtiger_wsapp_logs_basic_ibfk_1 (id),
  CONSTRAINT vtiger_wsapp_logs_basic_ibfk_1 FOREIGN KEY (id) REFERENCES vtiger_wsapp_logs_basic (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_wsapp_recordmapping (
  id int(19) NOT NULL AUTO_INCREMENT,
  serverid varchar(10),
  clientid varchar(255),
  clientmodifiedtime datetime,
  appid int(11),
  servermodifiedtime datetime,
  serverappid int(11),
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_wsapp_sync_state (
  id int(19) NOT NULL AUTO_INCREMENT,
  name varchar(200),
  stateencodedvalues varchar(300) NOT NULL,
  userid int(19),
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

-- The three below were read in the CRM's source, not measured: types as the source declares them.

CREATE TABLE vtiger_wsapp_handlerdetails (
  type varchar(200) NOT NULL,
  handlerclass varchar(100) DEFAULT NULL,
  handlerpath varchar(300) DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_wsapp_queuerecords (
  syncserverid int(19) DEFAULT NULL,
  details varchar(300) DEFAULT NULL,
  flag varchar(100) DEFAULT NULL,
  appid int(11) DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_wsapp_logs_basic_seq (
  id int(11) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
