// Wiring only.
#include <csignal>
#include <cstdio>

#include "bench/generator/generate.h"
#include "daemon/cli/command_line.h"
#include "daemon/replay/replay.h"

int main(int argc, char** argv) {
  // A reader that goes away ("... | head") ends the program quietly, whatever the parent process
  // had SIGPIPE set to.
  std::signal(SIGPIPE, SIG_DFL);
  const signinwatch::Commands commands{.replay = signinwatch::RunReplay,
                                       .generate = signinwatch::RunGenerate};
  return signinwatch::RunCommandLine(argc, argv, commands, stdout, stderr);
}
