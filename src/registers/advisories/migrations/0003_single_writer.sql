-- One flow writes these three, thousands of rows in a transaction that writes both ends of each reference
-- and removes neither; asking PostgreSQL row by row whether the other end is there took a fourth of an import.
alter table vulnerability_name drop constraint vulnerability_name_vulnerability_id_fkey;
alter table advisory drop constraint advisory_vulnerability_id_fkey;
alter table advisory_package drop constraint advisory_package_advisory_id_fkey;
