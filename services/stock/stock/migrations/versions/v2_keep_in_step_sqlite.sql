-- Whoever writes one side of a t-shirt (name, price: version 1; sku, title, price_minor: version 2)
-- writes the other with it. Whoever writes both must write the same.

CREATE TRIGGER t_shirts_insert_agrees BEFORE INSERT ON t_shirts
WHEN NEW.name <> NEW.sku OR round(NEW.price * 100) <> NEW.price_minor
BEGIN
    SELECT RAISE(ABORT, 'the two versions of this t-shirt disagree');
END;

CREATE TRIGGER t_shirts_insert_fills AFTER INSERT ON t_shirts
BEGIN
    UPDATE t_shirts SET
        name = coalesce(NEW.name, NEW.sku),
        sku = coalesce(NEW.sku, NEW.name),
        title = coalesce(NEW.title, upper(substr(coalesce(NEW.sku, NEW.name), 1, 1)) || substr(
            replace(replace(coalesce(NEW.sku, NEW.name), '-', ' '), 't shirt', 't-shirt'), 2)),
        currency = coalesce(NEW.currency, 'EUR'),
        price_minor = coalesce(NEW.price_minor, CAST(round(NEW.price * 100) AS INTEGER)),
        price = coalesce(round(NEW.price, 2), NEW.price_minor / 100.0)
    WHERE id = NEW.id;
END;

CREATE TRIGGER t_shirts_update_agrees BEFORE UPDATE ON t_shirts
WHEN (NEW.name IS NOT OLD.name AND NEW.sku IS NOT OLD.sku AND NEW.name IS NOT NEW.sku)
    OR (NEW.price IS NOT OLD.price AND NEW.price_minor IS NOT OLD.price_minor
        AND CAST(round(NEW.price * 100) AS INTEGER) IS NOT NEW.price_minor)
BEGIN
    SELECT RAISE(ABORT, 'the two versions of this t-shirt disagree');
END;

CREATE TRIGGER t_shirts_update_is_whole BEFORE UPDATE ON t_shirts
WHEN NEW.name IS NULL OR NEW.sku IS NULL OR NEW.title IS NULL
    OR NEW.price IS NULL OR NEW.price_minor IS NULL OR NEW.currency IS NULL
BEGIN
    SELECT RAISE(ABORT, 'a t-shirt needs a name, a title, a price and a currency');
END;

CREATE TRIGGER t_shirts_sku_follows_name AFTER UPDATE OF name ON t_shirts
WHEN NEW.name <> NEW.sku AND NEW.name <> OLD.name
BEGIN
    UPDATE t_shirts SET sku = NEW.name WHERE id = NEW.id;
END;

CREATE TRIGGER t_shirts_name_follows_sku AFTER UPDATE OF sku ON t_shirts
WHEN NEW.name <> NEW.sku AND NEW.sku <> OLD.sku
BEGIN
    UPDATE t_shirts SET name = NEW.sku WHERE id = NEW.id;
END;

CREATE TRIGGER t_shirts_title_follows_sku AFTER UPDATE OF sku ON t_shirts
WHEN NEW.sku <> OLD.sku AND NEW.title = OLD.title
    AND OLD.title = upper(substr(OLD.sku, 1, 1))
        || substr(replace(replace(OLD.sku, '-', ' '), 't shirt', 't-shirt'), 2)
BEGIN
    UPDATE t_shirts SET title = upper(substr(NEW.sku, 1, 1))
        || substr(replace(replace(NEW.sku, '-', ' '), 't shirt', 't-shirt'), 2)
    WHERE id = NEW.id;
END;

CREATE TRIGGER t_shirts_price_minor_follows_price AFTER UPDATE OF price ON t_shirts
WHEN NEW.price <> OLD.price
BEGIN
    UPDATE t_shirts
    SET price_minor = CAST(round(NEW.price * 100) AS INTEGER), price = round(NEW.price, 2)
    WHERE id = NEW.id;
END;

CREATE TRIGGER t_shirts_price_follows_price_minor AFTER UPDATE OF price_minor ON t_shirts
WHEN NEW.price_minor <> OLD.price_minor
BEGIN
    UPDATE t_shirts SET price = NEW.price_minor / 100.0 WHERE id = NEW.id;
END;
