-- Users, groups, roles and what they may see. Groups take their ids from the same space as users.

CREATE TABLE vtiger_users (
  id int(11) NOT NULL AUTO_INCREMENT,
  user_name varchar(255),
  user_password varchar(200),
  cal_color varchar(25) DEFAULT '#E6FAD8',
  first_name varchar(30),
  last_name varchar(30),
  reports_to_id varchar(36),
  is_admin varchar(3) DEFAULT '0',
  currency_id int(19) NOT NULL DEFAULT 1,
  description text,
  date_entered timestamp NOT NULL,
  date_modified datetime,
  modified_user_id varchar(36),
  title varchar(50),
  department varchar(50),
  phone_home varchar(50),
  phone_mobile varchar(50),
  phone_work varchar(50),
  phone_other varchar(50),
  phone_fax varchar(50),
  email1 varchar(100),
  email2 varchar(100),
  secondaryemail varchar(100),
  status varchar(25),
  signature text,
  address_street varchar(150),
  address_city varchar(100),
  address_state varchar(100),
  address_country varchar(25),
  address_postalcode varchar(9),
  user_preferences text,
  tz varchar(30),
  holidays varchar(60),
  namedays varchar(60),
  workdays varchar(30),
  weekstart int(11),
  date_format varchar(200),
  hour_format varchar(30) DEFAULT 'am/pm',
  start_hour varchar(30) DEFAULT '10:00',
  end_hour varchar(30) DEFAULT '23:00',
  is_owner varchar(100) DEFAULT '0',
  activity_view varchar(200) DEFAULT 'Today',
  lead_view varchar(200) DEFAULT 'Today',
  imagename varchar(250),
  deleted int(1) NOT NULL DEFAULT 0,
  confirm_password varchar(300),
  internal_mailer varchar(3) NOT NULL DEFAULT '1',
  reminder_interval varchar(100),
  reminder_next_time varchar(100),
  crypt_type varchar(20) NOT NULL DEFAULT 'MD5',
  accesskey varchar(36),
  theme varchar(100),
  language varchar(36),
  time_zone varchar(200),
  currency_grouping_pattern varchar(100),
  currency_decimal_separator varchar(2),
  currency_grouping_separator varchar(2),
  currency_symbol_placement varchar(20),
  userlabel varchar(255),
  defaultlandingpage varchar(200),
  phone_crm_extension varchar(100),
  no_of_currency_decimals varchar(2),
  truncate_trailing_zeros varchar(3),
  dayoftheweek varchar(100),
  callduration varchar(100),
  othereventduration varchar(100),
  calendarsharedtype varchar(100),
  default_record_view varchar(10),
  leftpanelhide varchar(3),
  rowheight varchar(10),
  defaulteventstatus varchar(50),
  defaultactivitytype varchar(50),
  hidecompletedevents int(11),
  defaultcalendarview varchar(100),
  PRIMARY KEY (id),
  KEY user_user_name_idx (user_name),
  KEY user_user_password_idx (user_password)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_groups (
  groupid int(19) NOT NULL,
  groupname varchar(100),
  description text,
  PRIMARY KEY (groupid),
  UNIQUE KEY groups_groupname_idx (groupname)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_users2group (
  groupid int(19) NOT NULL,
  userid int(19) NOT NULL,
  PRIMARY KEY (groupid, userid),
  KEY fk_2_vtiger_users2group (userid),
  KEY users2group_groupname_uerid_idx (groupid, userid),
  CONSTRAINT fk_2_vtiger_users2group FOREIGN KEY (userid) REFERENCES vtiger_users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

-- What all may see of a module: 0 to 2 public, 3 private.
CREATE TABLE vtiger_def_org_share (
  ruleid int(11) NOT NULL AUTO_INCREMENT,
  tabid int(11) NOT NULL,
  permission int(19),
  editstatus int(19),
  PRIMARY KEY (ruleid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_role (
  roleid varchar(255) NOT NULL,
  rolename varchar(200),
  parentrole varchar(255),
  depth int(19),
  allowassignedrecordsto int(2) NOT NULL DEFAULT 1,
  PRIMARY KEY (roleid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_user2role (
  userid int(11) NOT NULL,
  roleid varchar(255) NOT NULL,
  PRIMARY KEY (userid),
  KEY user2role_roleid_idx (roleid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_role2profile (
  roleid varchar(255) NOT NULL,
  profileid int(11) NOT NULL,
  PRIMARY KEY (roleid, profileid),
  KEY role2profile_roleid_profileid_idx (roleid, profileid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_profile2tab (
  profileid int(11),
  tabid int(10),
  permissions int(10) NOT NULL DEFAULT 0,
  KEY profile2tab_profileid_tabid_idx (profileid, tabid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_sharedcalendar (
  userid int(19) NOT NULL,
  sharedid int(19) NOT NULL,
  PRIMARY KEY (userid, sharedid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_version (
  id int(11) NOT NULL AUTO_INCREMENT,
  old_version varchar(30),
  current_version varchar(30),
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
