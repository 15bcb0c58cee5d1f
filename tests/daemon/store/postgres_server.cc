#include "tests/daemon/store/postgres_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace signinwatch::store {
namespace {

int FreePort() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(fd, any, size) != 0 || ::getsockname(fd, any, &size) != 0) std::abort();
  ::close(fd);
  return ntohs(address.sin_port);
}

// "/usr/lib/postgresql/15/bin/", of the newest that is there.
std::string ProgramsFolder() {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", error)) {
    const std::string folder = entry.path().string() + "/bin/";
    if (std::filesystem::exists(folder + "initdb")) found.push_back(folder);
  }
  return found.empty() ? "" : *std::max_element(found.begin(), found.end());
}

}  // namespace

PostgresServer& PostgresServer::Shared() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer() : programs_(ProgramsFolder()), port_(FreePort()) {
  if (programs_.empty()) {
    std::fputs("these tests need PostgreSQL: apt-get install postgresql\n", stderr);
    std::abort();
  }
  std::string pattern = (std::filesystem::temp_directory_path() / "postgres-XXXXXX").string();
  folder_ = ::mkdtemp(pattern.data());
  if (::geteuid() == 0) {
    const passwd* const postgres = ::getpwnam("postgres");
    if (postgres == nullptr || ::chown(folder_.c_str(), postgres->pw_uid, postgres->pw_gid) != 0) {
      std::abort();
    }
  }
  MustRun(programs_ + "initdb -D " + folder_ + "/data -A trust -U signinwatch -E UTF8 " +
          "--locale=C.UTF-8 --no-sync");
  // Everybody is let in, but for one who has to know a password.
  const std::string rules = folder_ + "/data/pg_hba.conf";
  std::ifstream old_file(rules);
  const std::string old((std::istreambuf_iterator<char>(old_file)), {});
  std::ofstream(rules) << "host all guarded 127.0.0.1/32 scram-sha-256\n" << old;
  Start();
}

PostgresServer::~PostgresServer() {
  StopAtOnce();
  std::error_code error;
  std::filesystem::remove_all(folder_, error);
}

int PostgresServer::Run(const std::string& command, std::string* output) const {
  const std::string as_user = ::geteuid() == 0 ? "runuser -u postgres -- " : "";
  std::FILE* const pipe =
      ::popen(("cd / && " + as_user + command + " 2>&1 </dev/null").c_str(), "r");
  if (pipe == nullptr) return -1;
  char buffer[4'096];
  while (const size_t size = std::fread(buffer, 1, sizeof(buffer), pipe)) {
    if (output != nullptr) output->append(buffer, size);
  }
  const int status = ::pclose(pipe);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string PostgresServer::MustRun(const std::string& command) const {
  std::string output;
  if (Run(command, &output) == 0) return output;
  std::fprintf(stderr, "%s: %s\n", command.c_str(), output.c_str());
  std::abort();
}

void PostgresServer::Start() {
  MustRun(programs_ + "pg_ctl -D " + folder_ + "/data -o \"-p " + std::to_string(port_) +
          " -c listen_addresses=127.0.0.1 -c unix_socket_directories=" + folder_ +
          " -c max_connections=200\" -l " + folder_ + "/log -w start");
}

void PostgresServer::StopAtOnce() {
  (void)Run(programs_ + "pg_ctl -D " + folder_ + "/data -m immediate -w stop");
}

std::string PostgresServer::NewDatabase() {
  const std::string name = "test" + std::to_string(++databases_);
  MustRun(programs_ + "createdb -h " + folder_ + " -p " + std::to_string(port_) +
          " -U signinwatch " + name);
  std::string host;
  for (const char c : folder_) host += c == '/' ? "%2F" : std::string(1, c);
  return "postgresql://signinwatch@" + host + ":" + std::to_string(port_) + "/" + name;
}

std::string PostgresServer::ByTcp(const std::string& url, int port) const {
  return "postgresql://signinwatch@127.0.0.1:" + std::to_string(port) + url.substr(url.rfind('/'));
}

std::string PostgresServer::Psql(const std::string& url, const std::string& sql) {
  std::string quoted;
  for (const char c : sql) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return MustRun(programs_ + "psql -X -q -A -t -v ON_ERROR_STOP=1 -d '" + url + "' -c '" + quoted +
                 "'");
}

}  // namespace signinwatch::store
