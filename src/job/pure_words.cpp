#include "job/pure_words.hpp"

#include <set>

namespace rowmill::job {

bool is_pure_word(std::string_view word) {
    // clang-format off
    static const std::set<std::string_view> known{
        // operators
        "AND", "OR", "XOR", "NOT", "IN", "BETWEEN", "LIKE", "RLIKE", "REGEXP", "DIV", "MOD", "IS", "CASE", "WHEN",
        "THEN", "ELSE", "INTERVAL", "BINARY", "WHERE", "COLLATE", "ESCAPE", "AS",
        // any type
        "COALESCE", "IF", "IFNULL", "NULLIF", "ISNULL", "GREATEST", "LEAST", "CAST", "CONVERT", "DECIMAL", "CHAR",
        "FIELD", "ELT",
        // numbers
        "ABS", "CEIL", "CEILING", "FLOOR", "ROUND", "TRUNCATE", "SIGN", "SQRT", "POW", "POWER", "EXP", "LN", "LOG",
        "LOG2", "LOG10", "PI", "SIN", "COS", "TAN", "ASIN", "ACOS", "ATAN", "ATAN2", "COT", "DEGREES", "RADIANS",
        "CRC32", "CONV", "BIN", "OCT", "BIT_COUNT", "FORMAT",
        // text
        "CONCAT", "CONCAT_WS", "LOWER", "LCASE", "UPPER", "UCASE", "LEFT", "RIGHT", "SUBSTRING", "SUBSTR", "MID",
        "SUBSTRING_INDEX", "TRIM", "LTRIM", "RTRIM", "LPAD", "RPAD", "REPLACE", "REVERSE", "REPEAT", "SPACE",
        "LENGTH", "CHAR_LENGTH", "CHARACTER_LENGTH", "OCTET_LENGTH", "BIT_LENGTH", "LOCATE", "INSTR", "POSITION",
        "FIND_IN_SET", "ASCII", "ORD", "INSERT", "HEX", "UNHEX", "MD5", "SHA", "SHA1", "SHA2", "TO_BASE64",
        "FROM_BASE64", "QUOTE", "SOUNDEX", "STRCMP", "REGEXP_REPLACE", "REGEXP_SUBSTR", "REGEXP_INSTR",
        "REGEXP_LIKE", "INET_ATON", "INET_NTOA", "INET6_ATON", "INET6_NTOA", "UUID_TO_BIN", "BIN_TO_UUID",
        // dates
        "DATE", "TIME", "TIMESTAMP", "YEAR", "QUARTER", "MONTH", "WEEK", "WEEKDAY", "DAY", "DAYOFMONTH",
        "DAYOFWEEK", "DAYOFYEAR", "DAYNAME", "MONTHNAME", "HOUR", "MINUTE", "SECOND", "MICROSECOND", "LAST_DAY",
        "DATE_ADD", "DATE_SUB", "ADDDATE", "SUBDATE", "ADDTIME", "SUBTIME", "DATEDIFF", "TIMEDIFF", "TIMESTAMPDIFF",
        "TIMESTAMPADD", "DATE_FORMAT", "TIME_FORMAT", "STR_TO_DATE", "MAKEDATE", "MAKETIME", "EXTRACT", "TO_DAYS",
        "FROM_DAYS", "TO_SECONDS", "TIME_TO_SEC", "SEC_TO_TIME", "UNIX_TIMESTAMP", "FROM_UNIXTIME", "CONVERT_TZ",
        "YEARWEEK", "WEEKOFYEAR", "NOW", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP", "CURDATE",
        "CURRENT_DATE", "CURTIME", "CURRENT_TIME", "UTC_TIMESTAMP", "UTC_DATE", "UTC_TIME",
        // JSON
        "JSON_EXTRACT", "JSON_UNQUOTE", "JSON_QUOTE", "JSON_VALUE", "JSON_QUERY", "JSON_SET", "JSON_INSERT",
        "JSON_REPLACE", "JSON_REMOVE", "JSON_OBJECT", "JSON_ARRAY", "JSON_ARRAY_APPEND", "JSON_ARRAY_INSERT",
        "JSON_MERGE_PATCH", "JSON_MERGE_PRESERVE", "JSON_LENGTH", "JSON_KEYS", "JSON_CONTAINS",
        "JSON_CONTAINS_PATH", "JSON_SEARCH", "JSON_TYPE", "JSON_VALID", "JSON_DEPTH",
    };
    // clang-format on
    return known.contains(word);
}

}  // namespace rowmill::job
