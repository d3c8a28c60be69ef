// Sends every socket back that it is sent: so a test gets a second handle of it, as another process would.
process.on('message', (message, handle) => {
  process.send(message, handle, {}, () => handle.close());
});
