/* A shared object that is no plug-in. */
extern const int answer;
const int answer = 42;
