"""Stripe's currencies: which it takes, how many decimals its amounts have, and the least and most it charges.

Everything here is from https://docs.stripe.com/currencies. The sandbox keeps its own copy, apart from Tillbot's, so
that a mistake in the one is found by the other.
"""

_CODES = """
usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf
clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils
inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk
mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp
sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xcg xof xpf yer zar zmw
"""
CURRENCIES = tuple(_CODES.split())

_WITHOUT_DECIMALS = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
ZERO_DECIMAL = frozenset(_WITHOUT_DECIMALS.split())
THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])

# Zero-decimal today, but still written with two decimals which must be 00.
WHOLE_ONLY = frozenset({"isk", "ugx"})

# In minor units. A currency that is not here is converted and held to the account's own minimum; the sandbox,
# which converts nothing, then asks for one minor unit.
MINIMUM = {
    "usd": 50,
    "aed": 200,
    "aud": 50,
    "bgn": 100,
    "brl": 50,
    "cad": 50,
    "chf": 50,
    "czk": 1500,
    "dkk": 250,
    "eur": 50,
    "gbp": 30,
    "hkd": 400,
    "huf": 17500,
    "inr": 50,
    "jpy": 50,
    "mxn": 1000,
    "myr": 200,
    "nok": 300,
    "nzd": 50,
    "pln": 200,
    "ron": 200,
    "sek": 300,
    "sgd": 50,
    "thb": 1000,
}

_MAXIMUM = {
    "idr": 999_999_999_999,
    "inr": 999_999_999,
    "lbp": 99_999_999_999_999,
    "cop": 9_999_999_999_999,
    "huf": 9_999_999_999_999,
    "jpy": 9_999_999_999_999,
}
_USUAL_MAXIMUM = 99_999_999


def maximum(currency: str) -> int:
    """Give the highest amount of one charge, in minor units."""
    return _MAXIMUM.get(currency, _USUAL_MAXIMUM)


def written(amount: int, currency: str) -> str:
    """Write an amount for people, `12.50 EUR`, `500 JPY`; the sandbox speaks no other language than this."""
    if currency in ZERO_DECIMAL:
        return f"{amount:,} {currency.upper()}"
    if currency in THREE_DECIMAL:
        return f"{amount / 1000:,.3f} {currency.upper()}"
    return f"{amount / 100:,.2f} {currency.upper()}"


def crooked(amount: int, currency: str) -> str | None:
    """Say what is wrong with an amount's last digits, for the currencies that allow only some."""
    if currency in THREE_DECIMAL and amount % 10:
        return f"Amounts in {currency} must have 0 as their last digit, as in 5120"
    if currency in WHOLE_ONLY and amount % 100:
        return f"Amounts in {currency} must be whole: the last two digits must be 00, as in 500"
    return None
