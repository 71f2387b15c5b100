# Fails when tiles of a kernel object of x86-64, of any number of rows, keep their sums in memory
# instead of in registers, which costs half of the speed or more and changes no result. A few vectors
# may lie there: two, or one for eight products.
# Usage: objdump --disassemble --demangle --no-show-raw-insn OBJECT |
#          awk -v products="F32Product Int8Product" -f spills.awk
# The products are those that must be found.

function is_product(code) {
  return code ~ /^v?(fn?m(add|sub)[123]*ps|mulps|dpbf16ps|pdpbusd|pmaddwd) /
}

# Whether a vector goes to memory, or comes from the stack. By %rbp it does where a function says so.
function is_move(code) {
  return code ~ /%[xyz]mm[0-9]+, ?-?[0-9a-fx]*\(/ ||
         (code ~ /%[xyz]mm/ && (code ~ /\(%rsp/ || (has_frame && code ~ /\(%rbp/)))
}

# Of every loop of the function that does a good part of its products, and has none in it that does.
# Loops end where the code jumps back.
function look_at_loops(  i, k, to, loops, first, last, multiplied, most, has_inner, moves) {
  for (i = 1; i <= count; i++) {
    if (code[i] !~ /^j/) continue
    to = code[i]
    sub(/^j[a-z]+ +(0x)?/, "", to)
    sub(/ .*/, "", to)
    if (!(to in line_at) || line_at[to] > i) continue
    first[++loops] = line_at[to]
    last[loops] = i
    for (k = first[loops]; k <= i; k++) multiplied[loops] += is_product(code[k])
    if (multiplied[loops] > most) most = multiplied[loops]
  }
  for (i = 1; i <= loops; i++) {
    has_inner = 4 * multiplied[i] < most || !most
    for (k = 1; k <= loops; k++) {
      if (k != i && 4 * multiplied[k] >= most && first[k] >= first[i] && last[k] <= last[i]) has_inner = 1
    }
    if (has_inner) continue
    moves = 0
    for (k = first[i]; k <= last[i]; k++) moves += is_move(code[k])
    found[++finds] = product
    is_bad[finds] = moves > 2 && 8 * moves > multiplied[i]
    text[finds] = name ": " moves " vectors move to or from memory for " multiplied[i] " products"
  }
}

function begin_function(of) {
  if (product != "") look_at_loops()
  name = of
  product = ""
  count = has_frame = 0
  split("", code)
  split("", line_at)
  if (of !~ /multiply(_pages)?<[A-Za-z0-9]+Product, .*[0-9]+>\(/) return
  product = of
  sub(/.*multiply(_pages)?</, "", product)
  sub(/,.*/, "", product)
}

/^[0-9a-f]+ <.*>:$/ {
  sub(/^[0-9a-f]+ </, "")
  sub(/>:$/, "")
  gsub(/attend::kernels::[a-z0-9_]+::\(anonymous namespace\)::/, "")
  begin_function($0)
  next
}

product != "" && /^ *[0-9a-f]+:/ {
  address = $1
  sub(/:$/, "", address)
  sub(/^ *[0-9a-f]+:[ \t]*/, "")
  gsub(/[ \t]+/, " ")
  code[++count] = $0
  line_at[address] = count
  if ($0 ~ /^movq? %rsp, ?%rbp/) has_frame = 1
}

END {
  begin_function("")
  count = split(products, wanted, " ")
  for (i = 1; i <= count; i++) {
    for (k = 1; k <= finds; k++) {
      if (found[k] != wanted[i]) continue
      seen[wanted[i]]++
      if (is_bad[k]) print text[k]
      failed += is_bad[k]
    }
    if (!seen[wanted[i]]) {
      print wanted[i] ": no loop found: is the output of objdump not understood?"
      failed++
    }
  }
  exit failed > 0
}
