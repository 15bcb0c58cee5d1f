-- A role and a database for signinwatch, by somebody who may make both:
--   psql -v password="$PASSWORD" -f roles.sql postgres
-- The role owns its database, and so may make its tables; it is no superuser and needs no other
-- right.
CREATE ROLE signinwatch LOGIN PASSWORD :'password';
CREATE DATABASE signinwatch OWNER signinwatch ENCODING 'UTF8' TEMPLATE template0;
\connect signinwatch
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO signinwatch;
-- Tickets hold names and addresses of users: nobody else connects.
REVOKE CONNECT, TEMPORARY ON DATABASE signinwatch FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE signinwatch TO signinwatch;

-- For those who only look (signinwatch tickets, a report):
--   CREATE ROLE signinwatch_reader LOGIN PASSWORD '...';
--   GRANT CONNECT ON DATABASE signinwatch TO signinwatch_reader;
--   GRANT USAGE ON SCHEMA public TO signinwatch_reader;
--   GRANT SELECT ON ALL TABLES IN SCHEMA public TO signinwatch_reader;
