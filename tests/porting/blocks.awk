# The C blocks of a text in Markdown, as one file; compilers' messages name the text's lines.

FNR == 1 {
    print "/* Made from " FILENAME "; do not edit. */"
    # It is written for people to read, block by block.
    print "/* NOLINTBEGIN */"
}

/^```/ && inside {
    inside = 0
    next
}

/^```c$/ {
    inside = 1
    blocks++
    printf "#line %d \"%s\"\n", FNR + 1, FILENAME
    next
}

inside {
    print
}

END {
    print "/* NOLINTEND */"
    exit blocks == 0
}
