using Orion.Cli;

return await OrionCommandLine.Run(args, Console.In, Console.Out, Console.Error);
