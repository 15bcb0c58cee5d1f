// A PostgreSQL server of the test's own: a cluster made by initdb, on a socket in a folder that
// only this program knows, and a port of 127.0.0.1 where that is wanted. It is made at its first
// use and ends with the program. Tests that need a server of their own, to stop it, make another.
//
// It is no part of GoogleTest, so that benchmarks have it too: what does not work ends the
// program. It needs Debian's postgresql package; who runs as root runs it as the user postgres.
#ifndef SIGNINWATCH_TESTS_DAEMON_STORE_POSTGRES_SERVER_H_
#define SIGNINWATCH_TESTS_DAEMON_STORE_POSTGRES_SERVER_H_

#include <string>

namespace signinwatch::store {

class PostgresServer {
 public:
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // The program's. Its role `guarded` has to give a password by TCP.
  static PostgresServer& Shared();

  // The URL of an empty database, a new one each time, by the socket.
  std::string NewDatabase();
  // The same database by TCP, at `port` of 127.0.0.1 (its own port: port()).
  [[nodiscard]] std::string ByTcp(const std::string& url, int port) const;
  [[nodiscard]] int port() const { return port_; }

  void Start();
  // As if the machine had lost its power, but for the disk.
  void StopAtOnce();
  // Runs SQL as the owner of all, in the database of `url`; its result as text, rows by lines.
  std::string Psql(const std::string& url, const std::string& sql);

 private:
  // As the user who may run a server. The exit code; MustRun ends the program if it is not 0, and
  // returns what it said.
  int Run(const std::string& command, std::string* output = nullptr) const;
  std::string MustRun(const std::string& command) const;

  std::string folder_;
  std::string programs_;  // the folder of initdb, with a slash
  int port_ = 0;
  int databases_ = 0;
};

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_TESTS_DAEMON_STORE_POSTGRES_SERVER_H_
