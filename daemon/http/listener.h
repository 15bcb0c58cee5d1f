// A socket that listens on one address. Knows nothing of what is said over its connections.
//
//   auto acceptor = Listen(io, "127.0.0.1:0");
#ifndef SIGNINWATCH_DAEMON_HTTP_LISTENER_H_
#define SIGNINWATCH_DAEMON_HTTP_LISTENER_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "absl/status/statusor.h"

namespace signinwatch::http {

// `address`: host:port, [v6]:port, or :port for every address of the machine; port 0 is any free
// one; localhost and names below it are this machine's loopback address, whatever a resolver says.
// An error names the address. Connections wait in the system's queue until they are accepted.
[[nodiscard]] absl::StatusOr<boost::asio::ip::tcp::acceptor> Listen(boost::asio::io_context& io,
                                                                    const std::string& address);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_LISTENER_H_
