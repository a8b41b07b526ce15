# Writes OUT, a header with the commit of the source tree, if it changed: run at every build, so
# that a recorded result never names another commit than it was built from.
execute_process(COMMAND git describe --always --dirty --abbrev=12 --exclude=*
                WORKING_DIRECTORY ${SOURCE_DIR} OUTPUT_VARIABLE COMMIT
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT COMMIT)
  set(COMMIT unknown)
endif()
file(CONFIGURE OUTPUT ${OUT} CONTENT "#define POOLBENCH_COMMIT \"${COMMIT}\"\n")
