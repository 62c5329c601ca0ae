//! The JSON Schema against the shipped examples, by a validator of just the keywords that it uses.

use serde_json::Value;

#[test]
fn every_example_fits_the_schema() {
    let schema = policy::schema::schema();
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");
    let mut seen = 0;
    for folder in [examples.to_owned(), format!("{examples}/leaks")] {
        for entry in std::fs::read_dir(&folder).expect("the examples are there") {
            let path = entry.expect("the folder can be listed").path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                let text = std::fs::read_to_string(&path).expect("the example can be read");
                let mut mistakes = Vec::new();
                validate(&schema, &json(&text), "", &mut mistakes);
                assert!(mistakes.is_empty(), "{}: {mistakes:#?}", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 0);
}

#[test]
fn the_schema_refuses_what_check_refuses() {
    let start = "version = 1\norganization = { name = 'a', domain = 'b', support = 'c' }\n\
                 population.staff.login.require = 'passkey'\n";
    for (text, mistaken) in [
        (String::new(), false),
        ("authenticator.a.kind = 'paskey'".into(), true),
        ("authenticator.a.kin = 'passkey'".into(), true),
        ("authenticator.'a b'.kind = 'passkey'".into(), true),
        ("approver.a = { population = 'staff', aal = 4 }".into(), true),
        ("population.other.login.session.idle = '1 hour'".into(), true),
        ("attacker.rank.phish = 5".into(), true),
        ("attacker.rank.phsih = 1".into(), true),
        ("attacker.ignore = ['phish', 'elephant']".into(), true),
        ("app.a.for = 'staff'".into(), true),
        ("exception = [{ rule = 'single-capability' }]".into(), true),
    ] as [(String, bool); 11]
    {
        let mut mistakes = Vec::new();
        validate(&policy::schema::schema(), &json(&format!("{start}{text}")), "", &mut mistakes);
        assert_eq!(!mistakes.is_empty(), mistaken, "{text}: {mistakes:?}");
    }
}

#[test]
fn every_property_is_described() {
    fn walk(schema: &Value, path: &str) {
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
        for (key, property) in properties {
            let path = format!("{path}.{key}");
            assert!(property.get("description").is_some(), "{path} has no description");
            walk(property, &path);
            for inner in ["items", "additionalProperties"] {
                walk(property.get(inner).unwrap_or(&Value::Null), &path);
            }
        }
    }
    walk(&policy::schema::schema(), "");
}

/// TOML as an editor hands it to a schema: dates become text.
fn json(text: &str) -> Value {
    fn convert(value: toml::Value) -> Value {
        match value {
            toml::Value::String(text) => Value::String(text),
            toml::Value::Integer(number) => number.into(),
            toml::Value::Float(number) => number.into(),
            toml::Value::Boolean(value) => value.into(),
            toml::Value::Datetime(date) => Value::String(date.to_string()),
            toml::Value::Array(values) => values.into_iter().map(convert).collect(),
            toml::Value::Table(table) => {
                table.into_iter().map(|(key, value)| (key, convert(value))).collect()
            }
        }
    }
    convert(toml::Value::Table(text.parse().expect("the test holds TOML")))
}

fn validate(schema: &Value, value: &Value, path: &str, mistakes: &mut Vec<String>) {
    let Some(schema) = schema.as_object() else { panic!("{path}: a schema is an object") };
    for (keyword, rule) in schema {
        let holds = match (keyword.as_str(), value) {
            ("$schema" | "title" | "description" | "examples", _) => continue,
            ("type", _) => is_type(rule.as_str().expect("a type is a word"), value),
            ("const", _) => rule == value,
            ("enum", _) => rule.as_array().is_some_and(|words| words.contains(value)),
            ("pattern", Value::String(text)) => matches(rule.as_str().expect("a pattern is text"), text),
            ("minLength", Value::String(text)) => {
                rule.as_u64().is_some_and(|least| text.chars().count() as u64 >= least)
            }
            ("minimum", Value::Number(number)) => number.as_i64() >= rule.as_i64(),
            ("maximum", Value::Number(number)) => number.as_i64() <= rule.as_i64(),
            ("format", Value::String(text)) => rule == "date" && text.len() == 10,
            ("required", Value::Object(object)) => {
                let keys = rule.as_array().expect("required is a list");
                keys.iter().all(|key| object.contains_key(key.as_str().expect("a key is text")))
            }
            ("properties", Value::Object(object)) => {
                for (key, property) in rule.as_object().expect("properties are an object") {
                    if let Some(value) = object.get(key) {
                        validate(property, value, &format!("{path}.{key}"), mistakes);
                    }
                }
                true
            }
            ("propertyNames", Value::Object(object)) => {
                for key in object.keys() {
                    validate(rule, &Value::String(key.clone()), &format!("{path}.{key}"), mistakes);
                }
                true
            }
            ("additionalProperties", Value::Object(object)) => {
                let known =
                    |key: &String| schema.get("properties").is_some_and(|known| known.get(key).is_some());
                let others = object.iter().filter(|(key, _)| !known(key));
                if rule == false {
                    others.count() == 0
                } else {
                    others.for_each(|(key, value)| validate(rule, value, &format!("{path}.{key}"), mistakes));
                    true
                }
            }
            ("items", Value::Array(items)) => {
                for item in items {
                    validate(rule, item, &format!("{path}[]"), mistakes);
                }
                true
            }
            (
                "pattern"
                | "minLength"
                | "minimum"
                | "maximum"
                | "format"
                | "required"
                | "properties"
                | "propertyNames"
                | "additionalProperties"
                | "items",
                _,
            ) => true,
            (other, _) => panic!("{path}: the schema uses `{other}`, which this validator does not know"),
        };
        if !holds {
            mistakes.push(format!("{path}: {keyword} {rule} does not hold for {value}"));
        }
    }
}

fn is_type(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64(),
        "boolean" => value.is_boolean(),
        other => panic!("the schema uses type `{other}`"),
    }
}

/// The two patterns of the schema, by hand.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern {
        "^[0-9]+[smhd]$" => text
            .strip_suffix(['s', 'm', 'h', 'd'])
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())),
        "^[A-Za-z][A-Za-z0-9_-]{0,63}$" => {
            text.len() <= 64
                && text.starts_with(|first: char| first.is_ascii_alphabetic())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        }
        other => panic!("the schema uses the pattern `{other}`"),
    }
}
