/* other_data.h: data sets that are not CIFAR-10's binary version, by what their files are called. */
#ifndef OTHER_DATA_H
#define OTHER_DATA_H

/* What a file, or a member of an archive with the folders that it is in, belongs to: "CIFAR-10's
 * Python version"; NULL where the name says nothing. */
const char *other_data_of_name(const char *name);
/* The same of what stands in a folder; *name is the file that says so. */
const char *other_data_in_folder(const char *folder, const char **name);

#endif
