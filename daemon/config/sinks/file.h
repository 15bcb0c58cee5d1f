// Sinks of type `file`: a row of sink_types.cc.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SINKS_FILE_H_
#define SIGNINWATCH_DAEMON_CONFIG_SINKS_FILE_H_

#include "daemon/config/rotation_options.h"
#include "daemon/config/sink_types.h"
#include "daemon/config/stored_option.h"

namespace signinwatch::config {

[[nodiscard]] inline SinkType FileSinkType() {
  return {
      .name = "file",
      .what = "JSON lines in a file",
      .options = {MustBeGiven(
                      Setting<std::string>("path", FormKind{TextForm::kPath}, {},
                                           "A file of JSON lines; nothing else may write to it."),
                      "/var/lib/signinwatch/tickets.jsonl"),
                  Setting<int64_t>("rotate_bytes", kRotateBytesKind, kRotateBytes,
                                   kRotateBytesHelp),
                  Setting<int64_t>("rotate_keep", kRotateKeepKind, kRotateKeep, kRotateKeepHelp)},
      .written_file = "path"};
}

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_SINKS_FILE_H_
