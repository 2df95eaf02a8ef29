process.env.ONE_COPY = "1";
