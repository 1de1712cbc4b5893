"""What a sync does its own way for each CRM module: Calendar and Contacts. All else is the same code for both."""
