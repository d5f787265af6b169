"""What to write instead of SQL that is not admitted (sql.md §1): one sentence for each thing that people reach for."""

CLOCK = "a judgement asks no clock; write $as_of, $since, $since_at or $until_at"
CHANCE = "a judgement has no randomness; remove it"
READS = "a control reads declared datasets only; name the dataset"
ENGINE = "a control may not ask the engine or the machine about itself; remove it"
CALENDAR = "weekdays and business days are columns; JOIN calendar_days"
ZONES = "no zones in SQL; use the …_on column, or compare instants with instants"
DAYS = "add days to a date as a whole number: $as_of - $days; hours to an instant: $n * INTERVAL '1' HOUR"
MULTIPLY = "division differs between engines; multiply: mapped * 1000 >= seen * $permille"
LISTS = "write list_contains, or CROSS JOIN the list parameter and count(*) FILTER (WHERE NOT list_contains(…))"
GATHER = "lists of rows are not admitted in a test; use count, min, max or bool_or"
SHARE = "percentiles differ; write min(x) over the rows with cume_dist() >= …"
NEWEST = "write QUALIFY row_number() OVER (PARTITION BY … ORDER BY …, key) = 1"
CASE = "write CASE WHEN … THEN … ELSE … END"
WRITE_OUT = "write the columns out"
GROUP = "write GROUP BY with the columns"
READERS = "readers already trim and fold text; compare the column as it is"
ORDERED = "rows are ordered by the engine and never cut; remove it"
UNNEST = "unnest a list column in the SELECT of a sub-select: SELECT key, unnest(l) AS x"
EXACT = "floats and approximations are not admitted; use whole numbers or decimals"

BY_NODE: dict[str, str] = {
    **dict.fromkeys(
        (
            "CurrentDate",
            "CurrentTimestamp",
            "CurrentTime",
            "CurrentDatetime",
            "Localtime",
            "Localtimestamp",
            "UnixSeconds",
        ),
        CLOCK,
    ),
    **dict.fromkeys(("Rand", "Randn", "Uuid", "TableSample", "RandStr"), CHANCE),
    **dict.fromkeys(("ReadCSV", "ReadParquet", "Values", "Lateral", "Pivot", "HistoricalData"), READS),
    **dict.fromkeys(
        ("Pragma", "CurrentVersion", "CurrentCatalog", "CurrentSchema", "CurrentUser", "SessionUser", "CurrentRole"),
        ENGINE,
    ),
    **dict.fromkeys(("Extract", "DayOfWeek", "DayOfWeekIso", "DayOfMonth", "Week", "WeekOfYear"), CALENDAR),
    **dict.fromkeys(("AtTimeZone", "ConvertTimezone", "FromTimeZone"), ZONES),
    **dict.fromkeys(("DateAdd", "DateSub", "TsOrDsAdd", "TimestampAdd", "TimestampSub", "ToDays"), DAYS),
    **dict.fromkeys(("Div", "IntDiv", "Mod", "Avg", "Round"), MULTIPLY),
    **dict.fromkeys(("ArrayContainsAll", "ArrayOverlaps", "ArrayExcept", "Array", "List", "Bracket", "Lambda"), LISTS),
    **dict.fromkeys(
        ("ArrayAgg", "GroupConcat", "ArrayConcatAgg", "ArrayUniqueAgg", "ArrayConcat", "ArrayToString", "SortArray"),
        GATHER,
    ),
    **dict.fromkeys(("PercentileCont", "PercentileDisc", "Quantile", "ApproxQuantile", "Median", "Ntile"), SHARE),
    **dict.fromkeys(
        ("FirstValue", "LastValue", "First", "Last", "AnyValue", "IgnoreNulls", "Rank", "DenseRank"), NEWEST
    ),
    **dict.fromkeys(("Trim", "Upper", "Substring", "Left", "Right", "RegexpLike", "ILike", "Replace"), READERS),
    **dict.fromkeys(("Order", "Limit", "Offset", "Fetch"), ORDERED),
    **dict.fromkeys(("Stddev", "StddevPop", "Variance", "ApproxDistinct", "Ln", "Sqrt", "Pow", "Exp"), EXACT),
    "DateTrunc": "write strftime(d, '%Y-%m'), or compare dates",
    "TimestampTrunc": "write strftime(d, '%Y-%m'), or compare dates",
    "CountIf": "write count(*) FILTER (WHERE …)",
    "Length": "for a list write array_length(l); the length of a text is not judged",
    "Unnest": UNNEST,
    "If": CASE,
    "Anonymous": "only the functions of sql.md §2 are admitted",
    "Columns": WRITE_OUT,
    "TryCast": "write cast, and let a reader reject what does not fit",
    "Distinct": GROUP,
    "Except": "write NOT EXISTS",
    "Intersect": "write EXISTS",
    "Any": "write EXISTS",
    "All": "write NOT EXISTS",
    "JSONExtract": "no lambdas and no JSON; a reader makes columns of it",
    "Struct": "no nested values; write columns",
    "ArgMin": "write max_by, or QUALIFY row_number()",
    "Lead": "write lag over the opposite order",
    "Parameter": "write $name and declare it under parameters",
}

BY_FUNCTION: dict[str, str] = {
    **dict.fromkeys(
        ("now", "today", "getdate", "get_current_timestamp", "transaction_timestamp", "get_current_time"), CLOCK
    ),
    **dict.fromkeys(("random", "uuid", "gen_random_uuid", "setseed", "uuidv4", "uuidv7"), CHANCE),
    **dict.fromkeys(
        (
            "glob",
            "read_text",
            "read_blob",
            "read_json",
            "read_json_auto",
            "read_ndjson",
            "parquet_scan",
            "read_csv_auto",
        ),
        READS,
    ),
    **dict.fromkeys(
        ("sniff_csv", "sqlite_scan", "postgres_scan", "query", "query_table", "iceberg_scan", "range"), READS
    ),
    **dict.fromkeys(("generate_series", "repeat_row", "parquet_metadata", "parquet_schema"), READS),
    **dict.fromkeys(
        ("getenv", "current_setting", "getvariable", "version", "nextval", "currval", "pragma_table_info"), ENGINE
    ),
    **dict.fromkeys(("to_days", "to_hours", "to_minutes", "to_months", "to_seconds"), DAYS),
    **dict.fromkeys(("quantile", "quantile_cont", "quantile_disc"), SHARE),
    **dict.fromkeys(("list_has_all", "list_has_any", "list_filter", "list_transform"), LISTS),
    "make_date": "a day is a column or a parameter",
    "epoch_ms": "write epoch(ts)",
    "isodow": CALENDAR,
}

BY_NAME: dict[str, str] = {
    **dict.fromkeys(("current_date", "current_timestamp", "current_time", "localtime", "localtimestamp"), CLOCK),
    **dict.fromkeys(
        ("current_catalog", "current_schema", "current_role", "current_user", "session_user", "user"), ENGINE
    ),
    "rowid": "a row has no place of its own; use its key",
}


def of_node(kind: str) -> str:
    """What to write instead of a kind of syntax."""
    return BY_NODE.get(kind, "it is not in the allow-list of sql.md §2")


def of_function(name: str) -> str:
    """What to write instead of a function that the parser does not know."""
    if name.startswith(("duckdb_", "pragma_", "pg_")):
        return ENGINE
    if name.startswith(("read_", "scan_")) or name.endswith("_scan"):
        return READS
    return BY_FUNCTION.get(name, BY_NODE["Anonymous"])
