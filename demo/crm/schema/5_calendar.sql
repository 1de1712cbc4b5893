-- Activities (events and tasks) and the rows around them.
-- Foreign keys stand only where one was seen on the real CRM; it may have more.
-- A time column is a varchar; with its date it is one moment in the CRM's $default_timezone (UTC).

CREATE TABLE vtiger_activity (
  activityid int(19) NOT NULL DEFAULT 0,
  subject varchar(255),
  semodule varchar(20),
  activitytype varchar(200) NOT NULL,
  date_start date NOT NULL,
  due_date date,
  time_start varchar(50),
  time_end varchar(50),
  sendnotification varchar(3) NOT NULL DEFAULT '0',
  duration_hours varchar(200),
  duration_minutes varchar(200),
  status varchar(200),
  eventstatus varchar(200),
  priority varchar(200),
  location varchar(150),
  notime varchar(3) NOT NULL DEFAULT '0',
  visibility varchar(50) NOT NULL DEFAULT 'all',
  recurringtype varchar(200),
  tags varchar(1),
  PRIMARY KEY (activityid),
  KEY activity_activityid_subject_idx (activityid, subject),
  KEY activity_activitytype_date_start_idx (activitytype, date_start),
  KEY activity_date_start_due_date_idx (date_start, due_date),
  KEY activity_date_start_time_start_idx (date_start, time_start),
  KEY activity_eventstatus_idx (eventstatus),
  KEY activity_status_idx (status),
  CONSTRAINT fk_1_vtiger_activity FOREIGN KEY (activityid) REFERENCES vtiger_crmentity (crmid) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_activitycf (
  activityid int(19) NOT NULL DEFAULT 0,
  PRIMARY KEY (activityid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

-- Ties a series: first event, each occurrence (the first too). It has no key at all.
CREATE TABLE vtiger_activity_recurring_info (
  activityid int(19) NOT NULL,
  recurrenceid int(19) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_activity_reminder (
  activity_id int(11) NOT NULL,
  reminder_time int(11) NOT NULL,
  reminder_sent int(2) NOT NULL,
  recurringid int(19) NOT NULL,
  PRIMARY KEY (activity_id, recurringid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_activity_reminder_popup (
  reminderid int(19) NOT NULL AUTO_INCREMENT,
  semodule varchar(100) NOT NULL,
  recordid int(19) NOT NULL,
  date_start date NOT NULL,
  time_start varchar(100) NOT NULL,
  status int(2) NOT NULL,
  PRIMARY KEY (reminderid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

-- The rule, repeated for every occurrence.
CREATE TABLE vtiger_recurringevents (
  recurringid int(19) NOT NULL AUTO_INCREMENT,
  activityid int(19) NOT NULL,
  recurringdate date,
  recurringtype varchar(30),
  recurringfreq int(19),
  recurringinfo varchar(50),
  recurringenddate date,
  PRIMARY KEY (recurringid),
  KEY fk_1_vtiger_recurringevents (activityid),
  CONSTRAINT fk_1_vtiger_recurringevents FOREIGN KEY (activityid) REFERENCES vtiger_activity (activityid) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

-- Owner (users only, no groups) and invitees.
CREATE TABLE vtiger_salesmanactivityrel (
  smid int(19) NOT NULL DEFAULT 0,
  activityid int(19) NOT NULL DEFAULT 0,
  PRIMARY KEY (smid, activityid),
  KEY salesmanactivityrel_activityid_idx (activityid),
  KEY salesmanactivityrel_smid_idx (smid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_seactivityrel (
  crmid int(19) NOT NULL,
  activityid int(19) NOT NULL,
  PRIMARY KEY (crmid, activityid),
  KEY seactivityrel_activityid_idx (activityid),
  KEY seactivityrel_crmid_idx (crmid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_cntactivityrel (
  contactid int(19) NOT NULL DEFAULT 0,
  activityid int(19) NOT NULL DEFAULT 0,
  PRIMARY KEY (contactid, activityid),
  KEY cntactivityrel_activityid_idx (activityid),
  KEY cntactivityrel_contactid_idx (contactid),
  CONSTRAINT fk_1_vtiger_cntactivityrel FOREIGN KEY (activityid) REFERENCES vtiger_activity (activityid) ON DELETE CASCADE,
  CONSTRAINT fk_2_vtiger_cntactivityrel FOREIGN KEY (contactid) REFERENCES vtiger_contactdetails (contactid) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_invitees (
  activityid int(19) NOT NULL,
  inviteeid int(19) NOT NULL,
  status varchar(50),
  PRIMARY KEY (activityid, inviteeid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
