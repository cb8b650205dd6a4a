-- When users are quiet, and who rang them lately while they were, as JSON; NULL for those who have set nothing.
ALTER TABLE users ADD COLUMN quiet text;
ALTER TABLE users ADD COLUMN rang text;
