"""Pictures of every page of the dashboard, from data that is made up but whole."""
