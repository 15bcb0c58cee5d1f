// The options of files that are rotated by size, for those who keep them in different places.
#ifndef SIGNINWATCH_DAEMON_CONFIG_ROTATION_OPTIONS_H_
#define SIGNINWATCH_DAEMON_CONFIG_ROTATION_OPTIONS_H_

#include "daemon/config/option_kinds.h"

namespace signinwatch::config {

inline const SizeKind kRotateBytesKind{1'024, int64_t{1} << 40};
inline constexpr const char* kRotateBytesHelp =
    "Above this size the file is renamed to PATH.1, the former PATH.1 to PATH.2, and so on.";
inline constexpr int64_t kRotateBytes = int64_t{100} << 20;

inline const IntegerKind kRotateKeepKind{1, 1'000};
inline constexpr const char* kRotateKeepHelp = "How many rotated files to keep.";
inline constexpr int64_t kRotateKeep = 10;

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_ROTATION_OPTIONS_H_
