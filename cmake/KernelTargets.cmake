# Kernels are compiled once per instruction set. (Filled by the kernels.)
