// Bytes of a connected socket that does not block: as they are, or within TLS.
#ifndef SIGNINWATCH_DAEMON_HTTP_TRANSPORT_H_
#define SIGNINWATCH_DAEMON_HTTP_TRANSPORT_H_

#include <sys/types.h>

#include <cstddef>
#include <string>

namespace signinwatch {

class Transport {
 public:
  // How many bytes were read or written; for a read, 0: the client has closed. -1: not now, if
  // `wait_for` (POLLIN or POLLOUT) is not 0, or else never.
  struct Result {
    ssize_t bytes = -1;
    short wait_for = 0;
  };

  virtual ~Transport() = default;
  virtual Result Read(char* bytes, size_t size) = 0;
  virtual Result Write(const char* bytes, size_t size) = 0;
  // Tells the client that nothing more comes, as far as that does not block.
  virtual void Finish() = 0;
  // Whose certificate the client has shown and this end has checked: its common name, or all of its
  // subject where it has none. Empty: nobody's.
  [[nodiscard]] virtual std::string peer() const { return {}; }
};

class PlainTransport : public Transport {
 public:
  explicit PlainTransport(int socket) : socket_(socket) {}  // stays open

  Result Read(char* bytes, size_t size) override;
  Result Write(const char* bytes, size_t size) override;
  void Finish() override {}

 private:
  const int socket_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_HTTP_TRANSPORT_H_
