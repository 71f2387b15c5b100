# Takes the C++ blocks out of README.md, each with the text block that follows it directly:
# program_N.cpp and program_N.txt in the folder `out`. Prints the number of programs.
/^```cpp$/ { file = out "/program_" ++n ".cpp"; printf "" > file; next }
/^```text$/ && n && after { file = out "/program_" n ".txt"; printf "" > file; next }
/^```/ { after = (file ~ /cpp$/); file = ""; next }
file { print > file; next }
{ after = 0 }
END { print n }
