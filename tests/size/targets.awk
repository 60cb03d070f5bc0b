# Compares tables in Markdown: each row with a number in the first file with the row of the same name in
# the second one. Numbers may be 5 % apart; a field that is no number in the first file, as where
# something could not be measured, is not compared. Tells what is wrong; exit status 1 when something is.

BEGIN {
    FS = "|"
}

{
    name = $2
    gsub(/^ +| +$/, "", name)
}

!/^\|.*[0-9]/ {
    next
}

NR == FNR {
    for (i = 3; i < NF; i++) {
        if ($i ~ /^ *[0-9]+ *$/) {
            measured[name, i] = $i + 0
            fields[name] = NF
        }
    }
    next
}

name in fields {
    for (i = 3; i < fields[name]; i++) {
        if (!((name, i) in measured))
            continue
        off = $i - measured[name, i]
        if (off * off > (measured[name, i] * 0.05) ^ 2) {
            printf "%s: %s instead of %d\n", name, $i, measured[name, i]
            bad = 1
        }
    }
    delete fields[name]
}

END {
    for (name in fields) {
        print name " is missing"
        bad = 1
    }
    exit bad
}
