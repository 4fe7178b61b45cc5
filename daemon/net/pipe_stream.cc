#include "net/pipe_stream.h"

#include <string>
#include <utility>

namespace mailchute {

Result<std::unique_ptr<PipeStream>> PipeStream::adopt(Loop& loop, Descriptor connection) {
  Handle<uv_pipe_t> handle;
  int status = handle.open(nullptr, [&](uv_pipe_t* raw) { return uv_pipe_init(loop.raw(), raw, 0); });
  if (status == 0) status = uv_pipe_open(handle.get(), connection.get());
  if (status != 0)
    return fail(std::string("cannot take a connection of a unix socket: ") + uv_strerror(status));
  static_cast<void>(connection.release());
  return std::unique_ptr<PipeStream>(new PipeStream(loop, std::move(handle)));
}

PipeStream::PipeStream(Loop& loop, Handle<uv_pipe_t> handle)
    : UvStream(loop, {}), handle_(std::move(handle)) {
  attach(reinterpret_cast<uv_stream_t*>(handle_.get()));
}

}  // namespace mailchute
