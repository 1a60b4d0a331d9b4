-- Whoever writes one side of a t-shirt (name, price: version 1; sku, title, price_minor: version 2)
-- writes the other with it. Whoever writes both must write the same.

CREATE FUNCTION t_shirts_title(name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT upper(substr(name, 1, 1))
        || substr(replace(replace(name, '-', ' '), 't shirt', 't-shirt'), 2)
$$;

CREATE FUNCTION t_shirts_keep_in_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.name := coalesce(NEW.name, NEW.sku);
        NEW.sku := coalesce(NEW.sku, NEW.name);
        NEW.title := coalesce(NEW.title, t_shirts_title(NEW.sku));
        NEW.currency := coalesce(NEW.currency, 'EUR');
        NEW.price_minor := coalesce(NEW.price_minor, round(NEW.price * 100));
        NEW.price := coalesce(NEW.price, NEW.price_minor / 100.0);
    ELSE
        IF NEW.name IS DISTINCT FROM OLD.name AND NEW.sku IS NOT DISTINCT FROM OLD.sku THEN
            NEW.sku := NEW.name;
        ELSIF NEW.sku IS DISTINCT FROM OLD.sku AND NEW.name IS NOT DISTINCT FROM OLD.name THEN
            NEW.name := NEW.sku;
        END IF;
        IF NEW.title = OLD.title AND OLD.title = t_shirts_title(OLD.sku) THEN
            NEW.title := t_shirts_title(NEW.sku);
        END IF;
        IF NEW.price IS DISTINCT FROM OLD.price
            AND NEW.price_minor IS NOT DISTINCT FROM OLD.price_minor THEN
            NEW.price_minor := round(NEW.price * 100);
        ELSIF NEW.price_minor IS DISTINCT FROM OLD.price_minor
            AND NEW.price IS NOT DISTINCT FROM OLD.price THEN
            NEW.price := NEW.price_minor / 100.0;
        END IF;
    END IF;
    IF NEW.name <> NEW.sku OR round(NEW.price * 100) <> NEW.price_minor THEN
        RAISE EXCEPTION 'the two versions of this t-shirt disagree' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER t_shirts_keep_in_step
BEFORE INSERT OR UPDATE OF name, price, sku, title, price_minor, currency ON t_shirts
FOR EACH ROW EXECUTE FUNCTION t_shirts_keep_in_step();
