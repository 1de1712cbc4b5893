-- Contacts with their four companion tables, accounts and potentials.

CREATE TABLE vtiger_account (
  accountid int(19) NOT NULL DEFAULT 0,
  account_no varchar(100) NOT NULL,
  accountname varchar(100) NOT NULL,
  parentid int(19) DEFAULT 0,
  account_type varchar(200),
  industry varchar(200),
  annualrevenue decimal(25,8),
  rating varchar(200),
  ownership varchar(50),
  siccode varchar(50),
  tickersymbol varchar(30),
  phone varchar(30),
  otherphone varchar(30),
  email1 varchar(100),
  email2 varchar(100),
  website varchar(100),
  fax varchar(30),
  employees int(10) DEFAULT 0,
  emailoptout varchar(3) DEFAULT '0',
  notify_owner varchar(3) DEFAULT '0',
  isconvertedfromlead varchar(3) DEFAULT '0',
  tags varchar(1),
  PRIMARY KEY (accountid),
  KEY account_account_type_idx (account_type),
  KEY email_idx (email1, email2)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_accountbillads (
  accountaddressid int(19) NOT NULL DEFAULT 0,
  bill_city varchar(30),
  bill_code varchar(30),
  bill_country varchar(30),
  bill_state varchar(30),
  bill_street varchar(250),
  bill_pobox varchar(30),
  PRIMARY KEY (accountaddressid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_accountshipads (
  accountaddressid int(19) NOT NULL DEFAULT 0,
  ship_city varchar(30),
  ship_code varchar(30),
  ship_country varchar(30),
  ship_state varchar(30),
  ship_pobox varchar(30),
  ship_street varchar(250),
  PRIMARY KEY (accountaddressid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_accountscf (
  accountid int(19) NOT NULL DEFAULT 0,
  PRIMARY KEY (accountid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_contactdetails (
  contactid int(19) NOT NULL DEFAULT 0,
  contact_no varchar(100) NOT NULL,
  accountid int(19),
  salutation varchar(200),
  firstname varchar(40),
  lastname varchar(80) NOT NULL,
  email varchar(100),
  phone varchar(50),
  mobile varchar(50),
  title varchar(50),
  department varchar(30),
  fax varchar(50),
  reportsto varchar(30),
  training varchar(50),
  usertype varchar(50),
  contacttype varchar(50),
  otheremail varchar(100),
  secondaryemail varchar(100),
  donotcall varchar(3),
  emailoptout varchar(3) DEFAULT '0',
  imagename varchar(150),
  reference varchar(3),
  notify_owner varchar(3) DEFAULT '0',
  isconvertedfromlead varchar(3) DEFAULT '0',
  tags varchar(1),
  PRIMARY KEY (contactid),
  KEY contactdetails_accountid_idx (accountid),
  KEY email_idx (email)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_contactaddress (
  contactaddressid int(19) NOT NULL DEFAULT 0,
  mailingcity varchar(40),
  mailingstreet varchar(250),
  mailingcountry varchar(40),
  othercountry varchar(30),
  mailingstate varchar(30),
  mailingpobox varchar(30),
  othercity varchar(40),
  otherstate varchar(50),
  mailingzip varchar(30),
  otherzip varchar(30),
  otherstreet varchar(250),
  otherpobox varchar(30),
  PRIMARY KEY (contactaddressid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_contactsubdetails (
  contactsubscriptionid int(19) NOT NULL DEFAULT 0,
  homephone varchar(50),
  otherphone varchar(50),
  assistant varchar(30),
  assistantphone varchar(50),
  birthday date,
  laststayintouchrequest int(30) DEFAULT 0,
  laststayintouchsavedate int(19) DEFAULT 0,
  leadsource varchar(200),
  PRIMARY KEY (contactsubscriptionid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_contactscf (
  contactid int(19) NOT NULL DEFAULT 0,
  PRIMARY KEY (contactid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_customerdetails (
  customerid int(19) NOT NULL,
  portal varchar(3),
  support_start_date date,
  support_end_date date,
  PRIMARY KEY (customerid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_portalinfo (
  id int(11) NOT NULL,
  user_name varchar(50),
  user_password varchar(255),
  type varchar(5),
  cryptmode varchar(20),
  last_login_time datetime,
  login_time datetime,
  logout_time datetime,
  isactive int(1),
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE vtiger_potential (
  potentialid int(19) NOT NULL DEFAULT 0,
  potential_no varchar(100) NOT NULL,
  related_to int(19),
  potentialname varchar(120) NOT NULL,
  amount decimal(25,8),
  currency varchar(20),
  closingdate date,
  typeofrevenue varchar(50),
  nextstep varchar(100),
  private int(1) DEFAULT 0,
  probability decimal(7,3) DEFAULT 0.000,
  campaignid int(19),
  sales_stage varchar(200),
  potentialtype varchar(200),
  leadsource varchar(200),
  productid int(50),
  productversion varchar(50),
  quotationref varchar(50),
  partnercontact varchar(50),
  remarks varchar(50),
  runtimefee int(19) DEFAULT 0,
  followupdate date,
  evaluationstatus varchar(50),
  description text,
  forecastcategory int(19) DEFAULT 0,
  outcomeanalysis int(19) DEFAULT 0,
  forecast_amount decimal(25,8),
  isconvertedfromlead varchar(3) DEFAULT '0',
  contact_id int(19),
  tags varchar(1),
  converted int(1) NOT NULL DEFAULT 0,
  PRIMARY KEY (potentialid),
  KEY potentail_sales_stage_amount_idx (amount, sales_stage),
  KEY potentail_sales_stage_idx (sales_stage),
  KEY potential_relatedto_idx (related_to)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
