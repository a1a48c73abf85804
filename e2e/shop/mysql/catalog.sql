CREATE DATABASE IF NOT EXISTS catalog;
CREATE TABLE IF NOT EXISTS catalog.products (id INT PRIMARY KEY, name VARCHAR(80) NOT NULL, cents INT NOT NULL);
INSERT IGNORE INTO catalog.products VALUES (1, 'Cup', 1250), (2, 'Teapot', 3900), (3, 'Tray', 2100);
