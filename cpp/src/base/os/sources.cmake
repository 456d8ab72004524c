# `os_folder` has what only the operating system can do, behind headers that are the same for all. The plugin and the
# Python module, which see nothing that the library hides, compile the files that they need of it again.
set(os_folder ${CMAKE_CURRENT_LIST_DIR}/posix)
