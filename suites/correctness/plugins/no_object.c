/* A shared object whose pb_provider is no data of a plug-in. */
extern const char pb_provider[] __attribute__((visibility("default")));
const char pb_provider[] = "?";
