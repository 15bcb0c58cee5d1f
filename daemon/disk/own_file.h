// Opens files that this program writes, so that nobody else decides where what it writes goes.
//
// In a folder that others can write, anybody can put a link, or a file of their own, where ours is
// about to be: what we write would go into a file of ours that they may not touch, or to them.
// There no link is followed, and no file is taken that another owns or that has another name too.
// In a folder that is ours or root's alone, links are the administrator's, and are followed.
#ifndef SIGNINWATCH_DAEMON_DISK_OWN_FILE_H_
#define SIGNINWATCH_DAEMON_DISK_OWN_FILE_H_

#include <sys/types.h>

#include <string>

namespace signinwatch::disk {

struct OpenedFile {
  int fd = -1;          // the caller closes it
  int error = 0;        // errno; 0: it is open
  std::string problem;  // for people; empty: it is open
};

// `flags` and `mode` as open(2); O_CLOEXEC is added.
[[nodiscard]] OpenedFile OpenOwnFile(const std::string& path, int flags, mode_t mode);

// Empty: no link stands at `path`, or one that may be followed.
[[nodiscard]] std::string LinkProblem(const std::string& path);

}  // namespace signinwatch::disk

#endif  // SIGNINWATCH_DAEMON_DISK_OWN_FILE_H_
