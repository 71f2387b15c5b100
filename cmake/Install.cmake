# Installed files, CMake package and pkg-config file.
