/* block_files_list.c: names the files below a directory of block_files.c. A directory that cannot
 * be read does not hide the others.
 */
#include "block_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "files.h"

/* What could not be listed: the rest is, and this is the listing's result. */
struct unlisted {
    struct problem *messages;
    const char *root;
    enum outcome outcome;
    struct problem problem;
};

static void keep_unlisted(struct unlisted *unlisted, const char *path)
{
    struct problem problem;
    enum outcome outcome = fail_errno(&problem, "list", path);

    if (unlisted->outcome == OUT_OK) unlisted->problem = problem;
    unlisted->outcome = outcome_worse(unlisted->outcome, outcome);
}

/* One directory and those below it; `name` is relative to the root and ends with '/'. */
static enum outcome list_directory(struct unlisted *unlisted, const char *name, store_visit visit,
                                   void *user)
{
    char path[PATH_MAX], below[OBJECT_NAME_SIZE];
    struct stat found;
    struct dirent *entry;
    enum outcome outcome = path_join(unlisted->messages, unlisted->root, name, path);

    if (outcome != OUT_OK) return outcome;
    DIR *directory = opendir(path);
    if (directory == NULL) {
        if (errno != ENOENT) keep_unlisted(unlisted, path);
        return OUT_OK;
    }
    while (outcome == OUT_OK && (errno = 0, entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.') continue;
        int len = snprintf(below, sizeof below, "%s%s", name, entry->d_name);
        if (len < 0 || (size_t)len + 1 >= sizeof below) continue; /* not a name of ours */
        if (fstatat(dirfd(directory), entry->d_name, &found, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISDIR(found.st_mode)) {
            strcat(below, "/");
            outcome = list_directory(unlisted, below, visit, user);
        } else {
            outcome = visit(user, below);
        }
    }
    if (outcome == OUT_OK && errno != 0) keep_unlisted(unlisted, path);
    closedir(directory);
    return outcome;
}

enum outcome block_files_list(struct problem *problem, const char *root, const char *prefix,
                              store_visit visit, void *user)
{
    struct unlisted unlisted = {problem, root, OUT_OK, {""}};
    enum outcome outcome = list_directory(&unlisted, prefix, visit, user);

    if (outcome != OUT_OK || unlisted.outcome == OUT_OK) return outcome;
    *problem = unlisted.problem;
    return unlisted.outcome;
}
